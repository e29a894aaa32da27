"""Private training, end to end on a tiny net: clipped, noisy, counted, and told in result.json."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("opacus")

from torch import Tensor, nn  # noqa: E402
from torch.utils.data import TensorDataset  # noqa: E402

from runtime.core.errors import UserError  # noqa: E402
from tests.training.toy import entropy, run  # noqa: E402
from training import privacy  # noqa: E402
from training.loop import Loop  # noqa: E402
from training.privacy import Privacy  # noqa: E402
from training.run import Fit  # noqa: E402

ITEMS, WIDTH, BATCH = 400, 6, 40
DELTA = 1e-4

pytestmark = [
    pytest.mark.filterwarnings("ignore:Secure RNG turned off:UserWarning"),
    pytest.mark.filterwarnings("ignore:Full backward hook is firing:UserWarning"),
]


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the faster of the accountants where it makes no difference."""
    monkeypatch.setattr(privacy, "ACCOUNTANT", "rdp")


def fit(epsilon: float = 4.0, **changes: Any) -> Fit:
    """A net to tell the sides of a plane, privately."""
    chance = torch.Generator().manual_seed(1)
    points = torch.randn(ITEMS, WIDTH, generator=chance)
    sides = (points[:, 0] > 0).long()
    torch.manual_seed(3)
    net = changes.pop("net", nn.Sequential(nn.Linear(WIDTH, 8), nn.LayerNorm(8), nn.ReLU(), nn.Linear(8, 2)))

    def evaluate(net: nn.Module) -> dict[str, float]:
        return {"accuracy": float((net(points).argmax(dim=1) == sides).float().mean())}

    private = changes.pop("private", Privacy(epsilon, DELTA))
    given = {"epochs": 5, "batch_size": BATCH, "rate": 0.05, "ema": 0.8, "patience": 99, "private": private} | changes
    return Fit("student", net, entropy, TensorDataset(points, sides), evaluate, "accuracy", **given)


def told(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "result.json").read_text())["fits"]["student"]["privacy"]
    return found


def test_a_private_training_learns_within_its_budget_and_tells_what_it_spent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privacy, "ACCOUNTANT", "prv")
    from opacus.accountants import RDPAccountant

    made = fit()
    net = run(tmp_path).fit(made)
    spent = told(tmp_path)
    assert 0.9 * 4.0 < spent["epsilon"] <= 4.0
    assert spent["accountant"] == "prv"
    assert (spent["target_epsilon"], spent["delta"], spent["max_grad_norm"]) == (4.0, DELTA, 1.0)
    assert spent["unit"] == "one example of the training set"
    assert made.evaluate(net)["accuracy"] > 0.8
    other = RDPAccountant()
    for _ in range(5 * ITEMS // BATCH):
        other.step(noise_multiplier=spent["noise_multiplier"], sample_rate=BATCH / ITEMS)
    upper = other.get_epsilon(delta=DELTA)
    assert spent["epsilon"] <= upper <= 1.4 * spent["epsilon"], "Rényi accounting is a looser bound on the same"
    saved = run(tmp_path / "saved").save_student(net, {})
    assert set(torch.load(saved, weights_only=True)["state"]) == set(fit().net.state_dict())


def test_less_budget_is_more_noise_and_stopping_early_spends_less(tmp_path: Path) -> None:
    run(tmp_path / "weak").fit(fit(8.0))
    run(tmp_path / "strong").fit(fit(1.0))
    assert told(tmp_path / "strong")["noise_multiplier"] > 2 * told(tmp_path / "weak")["noise_multiplier"]
    early = fit(4.0, patience=1)
    early.evaluate = lambda net: {"accuracy": 0.5}
    run(tmp_path / "early").fit(early)
    assert told(tmp_path / "early")["epsilon"] < 3.0


def test_one_example_moves_a_step_by_no_more_than_its_clipped_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever an example says, it moves the sum of gradients by the norm at most; the noise is taken out here."""

    monkeypatch.setattr("opacus.accountants.utils.get_noise_multiplier", lambda **_: 1.0)

    def moved(wild: float) -> Tensor:
        torch.manual_seed(0)
        net = nn.Linear(WIDTH, 1, bias=False)
        points = torch.randn(64, WIDTH)
        points[5] *= wild
        loader = torch.utils.data.DataLoader(TensorDataset(points), 32)
        private = Privacy(4.0, 1e-3, max_grad_norm=0.5)
        _, optimizer, _ = private.attach(net, torch.optim.SGD(net.parameters(), lr=1.0), loader, 2)
        optimizer.noise_multiplier = 0.0  # type: ignore[attr-defined]
        before = net.weight.detach().clone()
        net(points[:32]).mean().backward()
        optimizer.step()
        size: int = optimizer.expected_batch_size  # type: ignore[attr-defined]
        return (net.weight.detach() - before) * size

    calm, wild = moved(1.0), moved(1e6)
    assert float((calm - wild).norm()) <= 2 * 0.5 + 1e-4
    assert float(wild.norm()) <= 32 * 0.5 + 1e-4


def test_a_training_that_goes_on_after_a_stop_goes_on_counting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended, epochs = Loop._end_epoch, []

    def end(self: Loop) -> None:
        ended(self)
        epochs.append(self.progress.epoch)
        if len(epochs) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Loop, "_end_epoch", end)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path).fit(fit())
    run(tmp_path, resume=True).fit(fit())
    assert epochs == [1, 2, 3, 4, 5]
    assert 0.9 * 4.0 < told(tmp_path)["epsilon"] <= 4.0


def test_noise_does_not_follow_from_the_seed(tmp_path: Path) -> None:
    one, other = (run(tmp_path / name, seed=1).fit(fit(epochs=1)) for name in ("one", "other"))
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    assert not any(torch.equal(mine, theirs) for mine, theirs in pairs)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"net": nn.Sequential(nn.Linear(WIDTH, 8), nn.BatchNorm1d(8), nn.Linear(8, 2))}, "BatchNorm"),
        ({"weights": torch.ones(ITEMS)}, "neither weights nor a module beside"),
        ({"beside": nn.Linear(2, 2)}, "neither weights nor a module beside"),
        ({"accumulate": 2}, "one batch a step"),
        ({"batch_size": ITEMS}, "can't be trained privately"),
        ({"batch_size": 8}, "can't be trained privately"),
        ({"private": Privacy(4.0, 0.01)}, "is too great for 400 examples"),
        ({"private": Privacy(1e-3, 1e-5)}, "can't be made private"),
    ],
    ids=lambda value: value.replace(" ", "_") if isinstance(value, str) else "",
)
def test_what_can_not_keep_the_promise_is_refused(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError, match=told):
        run(tmp_path).fit(fit(**changes))
    assert not (tmp_path / "student.best.pt").exists()


@pytest.mark.parametrize(
    ("epsilon", "delta", "norm"), [(0.0, 1e-5, 1.0), (math.inf, 1e-5, 1.0), (1.0, 0.0, 1.0), (1.0, 1e-5, 0.0)]
)
def test_a_budget_that_is_none_is_refused(epsilon: float, delta: float, norm: float) -> None:
    with pytest.raises(UserError):
        Privacy(epsilon, delta, norm)


def test_nothing_is_told_before_a_training() -> None:
    with pytest.raises(UserError, match="Call attach first"):
        Privacy(1.0, 1e-5).epsilon()
