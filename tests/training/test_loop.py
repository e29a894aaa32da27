"""The training loop: what it promises about resuming, processes, averages and stopping."""

import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from runtime.core.errors import UserError  # noqa: E402
from tests.training.toy import ITEMS, entropy, run, toy  # noqa: E402
from training import loop  # noqa: E402
from training.batches import Order, loader, to_device  # noqa: E402
from training.optimizer import average, choose_precision, schedule  # noqa: E402

FORKS = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
"""Python 3.12 warns of the way in which torch starts its workers."""
ROOT = Path(__file__).resolve().parents[2]


def program(*words: str) -> subprocess.CompletedProcess[str]:
    """Run Python from the repository's root, with one thread."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def weighted(**changes: Any) -> Any:
    """The fit that the toy program trains."""
    return toy(workers=1, accumulate=2, weights=torch.arange(1.0, ITEMS + 1), **changes)


def same(one: nn.Module, other: nn.Module) -> bool:
    """Whether two nets have the same weights and buffers, bit by bit."""
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(mine, theirs) for mine, theirs in pairs)


@FORKS
def test_a_killed_training_goes_on_to_the_same_weights_bit_by_bit(tmp_path: Path) -> None:
    done = program("tests.training.toy", str(tmp_path / "killed"), "--die-at", "7")
    assert done.returncode == -signal.SIGKILL, done.stderr
    state = torch.load(tmp_path / "killed/toy.state.pt", weights_only=True)
    assert state["progress"]["epoch"] == 2
    assert state["progress"]["batch"] == 2, "the kill was to come in the middle of an epoch"

    whole = run(tmp_path / "whole").fit(weighted())
    resumed = run(tmp_path / "killed", resume=True).fit(weighted())
    assert same(whole, resumed)
    losses = [json.loads(line)["loss"] for line in (tmp_path / "killed/toy.jsonl").read_text().splitlines()]
    assert len(losses) == 4
    assert losses == [json.loads(line)["loss"] for line in (tmp_path / "whole/toy.jsonl").read_text().splitlines()]


def test_another_seed_gives_other_weights(tmp_path: Path) -> None:
    assert not same(run(tmp_path / "a").fit(toy(epochs=1)), run(tmp_path / "b", seed=1).fit(toy(epochs=1)))


@FORKS
def test_two_processes_train_what_one_trains(tmp_path: Path) -> None:
    words = [
        "--standalone",
        "--nproc-per-node",
        "2",
        "-m",
        "tests.training.toy",
        str(tmp_path / "two"),
        "--dropout",
        "0",
    ]
    done = program("torch.distributed.run", *words)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "two/result.json").read_text())["fits"]["toy"]["processes"] == 2
    one = run(tmp_path / "one").fit(weighted(dropout=0.0))
    two = torch.load(tmp_path / "two/toy.best.pt", weights_only=True)
    for name, value in one.state_dict().items():
        torch.testing.assert_close(two[name], value, rtol=1e-4, atol=1e-5)
    ends = [json.loads((tmp_path / name / "toy.jsonl").read_text().splitlines()[-1]) for name in ("one", "two")]
    assert ends[0]["loss"] == pytest.approx(ends[1]["loss"], rel=1e-4)


def test_accumulated_batches_make_the_step_of_one_large_batch(tmp_path: Path) -> None:
    large = run(tmp_path / "large").fit(toy(batch_size=20, dropout=0.0))
    small = run(tmp_path / "small").fit(toy(batch_size=10, accumulate=2, dropout=0.0))
    for one, other in zip(large.parameters(), small.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_the_average_keeps_its_share() -> None:
    mean, net = nn.Linear(1, 1), nn.Linear(1, 1)
    for module, weight in ((mean, 1.0), (net, 3.0)):
        nn.init.constant_(module.weight, weight)
        module.register_buffer("seen", torch.tensor(weight))
    average(mean, net, 0.75)
    assert mean.weight.item() == 0.75 * 1 + 0.25 * 3
    assert mean.seen == 3.0


def test_the_schedule_rises_straight_and_falls_along_a_cosine() -> None:
    shares = [schedule(step, 104, 4 / 104) for step in range(105)]
    assert shares[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert shares[4 + 50] == pytest.approx(0.5)
    assert shares[4 + 25] == pytest.approx(0.5 * (1 + math.sqrt(0.5)))
    assert shares[-1] == pytest.approx(0.0)


def test_it_stops_when_nothing_gets_better_and_keeps_the_best(tmp_path: Path) -> None:
    figures, seen = iter([0.1, 0.5, 0.5, 0.4, math.nan, 0.9]), []

    def evaluate(net: nn.Module) -> dict[str, float]:
        seen.append({name: value.clone() for name, value in net.state_dict().items()})
        return {"accuracy": next(figures)}

    fit = toy(epochs=9, patience=3)
    fit.evaluate = evaluate
    best = run(tmp_path).fit(fit)
    assert len(seen) == 5
    assert all(torch.equal(seen[1][name], value) for name, value in best.state_dict().items())
    done = json.loads((tmp_path / "result.json").read_text())["fits"]["toy"]
    assert (done["epochs_run"], done["best"]["epoch"], done["best"]["accuracy"]) == (5, 2, 0.5)


def test_a_finished_training_is_taken_as_it_is_and_leaves_the_same_chance_behind(tmp_path: Path) -> None:
    first = run(tmp_path).fit(toy(epochs=1))
    then = torch.rand(3)

    def loss(net: nn.Module, batch: Any) -> Tensor:
        raise AssertionError("it was trained again")

    fit = toy(epochs=1)
    fit.loss = loss
    assert same(first, run(tmp_path, resume=True).fit(fit))
    assert torch.equal(then, torch.rand(3))


def test_resuming_with_other_settings_is_refused(tmp_path: Path) -> None:
    run(tmp_path).fit(toy(epochs=1))
    with pytest.raises(UserError, match="another epochs, rate"):
        run(tmp_path, resume=True).fit(toy(epochs=2, rate=0.5))
    other = run(tmp_path, resume=True)
    other.record.data["words"] = {"sha256": "0" * 64}
    with pytest.raises(UserError, match="another data"):
        other.fit(toy(epochs=1))


@pytest.mark.parametrize(("precision", "kind"), [("fp16", torch.float16), ("bf16", torch.bfloat16)])
def test_mixed_precision_computes_in_it_and_keeps_full_weights(tmp_path: Path, precision: str, kind: Any) -> None:
    kinds = set()

    def loss(net: nn.Module, batch: Any) -> Tensor:
        out = net(batch[0])
        kinds.add(out.dtype)
        return nn.functional.cross_entropy(out.float(), batch[1])

    fit = toy(epochs=12)
    fit.loss = loss
    net = run(tmp_path, precision=precision).fit(fit)
    assert kinds == {kind}
    assert {parameter.dtype for parameter in net.parameters()} == {torch.float32}
    assert fit.evaluate(net)["accuracy"] > 0.8
    state = torch.load(tmp_path / "toy.state.pt", weights_only=True)
    assert bool(state["scaler"]) is (precision == "fp16")


def test_a_gradient_that_overflows_in_fp16_is_skipped_and_the_scale_halved(tmp_path: Path) -> None:
    scale = []

    def loss(net: nn.Module, batch: Any) -> Tensor:
        scale.append(made.scaler.get_scale())
        return entropy(net, batch) * (1e38 if len(scale) == 1 else 1.0)

    fit = toy(epochs=1)
    fit.loss = loss
    made = loop.Loop(run(tmp_path, precision="fp16"), fit)
    before = [parameter.detach().clone() for parameter in made.net.parameters()]
    batches = iter(made.loader)
    made._step([next(batches)])
    assert all(torch.equal(old, new) for old, new in zip(before, made.net.parameters(), strict=True))
    made._step([next(batches)])
    assert scale[1] == scale[0] / 2
    assert not all(torch.equal(old, new) for old, new in zip(before, made.net.parameters(), strict=True))


def test_the_precision_is_what_the_device_has(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    assert [choose_precision(wanted, cpu) for wanted in ("auto", "fp32", "bf16")] == ["fp32", "fp32", "bf16"]
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: True)
    assert choose_precision("auto", gpu) == "bf16"
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: False)
    assert choose_precision("auto", gpu) == "fp16"
    with pytest.raises(UserError, match="no bf16"):
        choose_precision("bf16", gpu)


def test_a_loss_that_is_no_number_is_told(tmp_path: Path) -> None:
    fit = toy(epochs=1)
    fit.loss = lambda net, batch: entropy(net, batch) * math.nan
    with pytest.raises(UserError, match="The loss of toy is nan in epoch 1"):
        run(tmp_path).fit(fit)


def test_a_module_beside_the_net_is_trained_and_left_behind(tmp_path: Path) -> None:
    beside = nn.Linear(2, 2)
    before = beside.weight.detach().clone()
    fit = toy(epochs=1, beside=beside)
    fit.loss = lambda net, batch: nn.functional.cross_entropy(beside(net(batch[0])), batch[1])
    net = run(tmp_path).fit(fit)
    assert not torch.equal(before, beside.weight)
    assert set(net.state_dict()) == set(torch.load(tmp_path / "toy.best.pt", weights_only=True))


def test_what_it_leaves_in_the_folder(tmp_path: Path) -> None:
    drawn = []

    def samples(net: nn.Module, path: Path) -> None:
        drawn.append(path)
        path.write_bytes(b"picture")

    made = run(tmp_path)
    made.fit(toy(epochs=4, evaluate_every=2, samples=samples))
    made.note(score=torch.tensor(0.5))
    assert [path.relative_to(tmp_path).as_posix() for path in drawn] == ["samples/toy/0002.png", "samples/toy/0004.png"]
    assert (tmp_path / "toy.png").read_bytes().startswith(b"\x89PNG")
    assert any("tfevents" in path.name for path in (tmp_path / "tensorboard/toy").iterdir())
    rows = [json.loads(line) for line in (tmp_path / "toy.jsonl").read_text().splitlines()]
    assert ["accuracy" in row for row in rows] == [False, True, False, True]
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["figures"] == {"score": 0.5}
    assert result["finished"] is False
    assert result["packages"]["torch"] == torch.__version__
    assert result["command"].startswith("python ")
    assert result["fits"]["toy"]["parameters"] == 6 * 16 + 16 + 2 * 16 + 16 * 2 + 2
    assert list(tmp_path.rglob("*.part")) == []


class Counted:
    """Stands in for Privacy: counts batches, and takes no noise."""

    batches = 0

    def attach(self, net: nn.Module, optimizer: Any, batches: Any, epochs: int) -> tuple[Any, Any, Any]:
        self.chances: list[float] = []
        return net, optimizer, batches

    def loss(self, net: nn.Module, batch: Any) -> Tensor:
        self.batches += 1
        self.chances.append(torch.rand(()).item())
        if self.batches == 8:
            raise KeyboardInterrupt
        return entropy(net, batch)

    def figures(self) -> dict[str, float]:
        return {"epsilon": self.batches}

    def state_dict(self) -> dict[str, int]:
        return {"batches": self.batches}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.batches = state["batches"] + 10

    def detach(self) -> None:
        pass


def test_a_private_training_goes_on_counting_and_its_chance_has_no_known_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "SAVE_EVERY_S", 0.0)
    spent: Any = Counted()
    fit = toy(epochs=3, private=spent)
    fit.loss = spent.loss
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path).fit(fit)
    again: Any = Counted()
    fit = toy(epochs=3, private=again)
    fit.loss = again.loss
    made = run(tmp_path, resume=True)
    made.fit(fit)
    assert made.record.fits["toy"]["privacy"] == {"epsilon": 10 + 3 * 5}, "15 batches, not one more, and 10 for loading"
    assert not set(spent.chances) & set(again.chances)


def test_an_order_shares_its_batches_and_begins_anywhere() -> None:
    whole = [[draw.item for draw in batch] for batch in Order(10, 4, seed=5)]
    assert [len(batch) for batch in whole] == [4, 4]
    assert len({item for batch in whole for item in batch}) == 8
    shares = [list(Order(10, 4, seed=5, rank=rank, world=2)) for rank in (0, 1)]
    assert [sorted(draw.item for share in shares for draw in share[at]) for at in (0, 1)] == [sorted(b) for b in whole]
    later = Order(10, 4, seed=5)
    later.start = 1
    assert [[draw.item for draw in batch] for batch in later] == whole[1:]
    later.epoch = 1
    assert [[draw.item for draw in batch] for batch in later] != whole[1:]
    with pytest.raises(UserError, match="can't be shared by 3"):
        Order(10, 4, seed=5, world=3)
    with pytest.raises(UserError, match="3 weights for 10 items"):
        Order(10, 4, seed=5, weights=torch.ones(3))


def test_weights_say_how_often_an_item_is_drawn() -> None:
    order = Order(1000, 100, seed=0, weights=torch.tensor([9.0] * 100 + [1.0] * 900))
    drawn = [draw.item for batch in order for draw in batch]
    assert sum(item < 100 for item in drawn) / len(drawn) == pytest.approx(0.5, abs=0.05)


@FORKS
def test_workers_draw_what_the_process_itself_draws() -> None:
    items = toy().train
    here, there = (list(loader(items, Order(ITEMS, 8, seed=2), None, workers, False)) for workers in (0, 2))
    assert len(here) == 5
    assert all(torch.equal(a[0], b[0]) for a, b in zip(here, there, strict=True))
    assert not torch.equal(here[0][0][0], items[0][0])


def test_a_nested_batch_goes_to_the_device() -> None:
    batch = {"a": torch.ones(2), "b": [torch.ones(1), ("text", Order)], "c": 3}
    moved = to_device(batch, torch.device("meta"))
    assert moved["a"].device.type == moved["b"][0].device.type == "meta"
    assert moved["b"][1] == ("text", Order)
    assert moved["c"] == 3
