"""Training the end of turns: texts and their parts, pauses, what is not heard ahead, and the measure of waiting."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("espeakng_loader")

from runtime.core.hashed_words import padded  # noqa: E402
from runtime.perception.prosody import FEATURES, FRAMES  # noqa: E402
from training.endpoint.data import HASHER, Examples, collate, over_scores, pauses_of, text_scores, weights  # noqa: E402
from training.endpoint.nets import EndpointNet, build  # noqa: E402
from training.endpoint.speech import Pause, SpokenTurn, speak  # noqa: E402
from training.endpoint.texts import BLOCK, Cut, Mishearing, Turn, cuts, dialogues, spoken_words  # noqa: E402
from training.endpoint.train import SIZES, _fit, _plain_loss  # noqa: E402
from training.endpoint.waits import GRID_S, Turns, best, first_above, outcome, silence_rule  # noqa: E402
from training.run import Run  # noqa: E402

TURN = Turn(("I'd like a table for 2.", "Can you book it at 7 pm?"))


def small() -> EndpointNet:
    torch.manual_seed(0)
    net = build(SIZES | {"width": 8, "hidden": 16, "voice": 4})
    assert isinstance(net, EndpointNet)
    return net


@pytest.fixture(scope="module")
def spoken() -> list[SpokenTurn]:
    return speak([TURN, Turn(("Where is the station?",))] * 3, [("espeak", "en-us"), ("espeak", "en-us+f2")], seed=1)


def test_neighbouring_dialogues_stay_in_one_part(tmp_path: Path) -> None:
    path = tmp_path / "dialogues.jsonl.gz"
    with gzip.open(path, "wt") as file:
        for number in range(20 * BLOCK):
            file.write(json.dumps({"turns": [["USER", f"It is {number}. Thanks!"], ["SYSTEM", "Sure."]]}) + "\n")
    parts = dialogues(path)
    blocks = {
        part: {int(turn.sentences[0].split()[2][:-1]) // BLOCK for turn in parts[part]}
        for part in ("train", "validation", "test")
    }
    assert blocks["test"] == {4, 9, 14, 19}
    assert blocks["validation"] == {7, 17}
    assert blocks["train"] == set(range(20)) - blocks["test"] - blocks["validation"]
    assert all(len(turn.sentences) == 2 for turn in parts["train"])
    assert len(parts["system"]) == len(parts["train"])


def test_texts_are_as_a_recogniser_writes_them() -> None:
    assert spoken_words("Book it at 7 pm, for $20!") == "book it at seven p m for twenty dollars".split()


def test_each_sentence_is_there_whole_and_cut() -> None:
    found = cuts([TURN], seed=0)
    assert [cut.whole for cut in found] == [True, False, True, False]
    for whole, part in ((found[0], found[1]), (found[2], found[3])):
        assert 0 < len(part.words) < len(whole.words)
        assert whole.words[: len(part.words)] == part.words


def test_words_are_misheard_as_often_as_told() -> None:
    np.random.seed(0)
    mishearing = Mishearing(["table", "tabby", "taboo", "book"])
    heard = mishearing.words(["table"] * 2_000, 0.2)
    assert 0.12 < np.mean([words != ["table"] for words in heard]) < 0.2  # another may be the same by chance
    assert [] in heard
    assert mishearing.words(["table"] * 100, 0.0) == [["table"]] * 100


def test_a_sentences_end_weighs_as_much_as_its_other_places() -> None:
    shares = weights(np.array([0, 0, 0, 1, 0, 1], np.float32))
    assert shares[0] == 0
    assert shares[[3, 5]].sum() == shares[[1, 2, 4]].sum() == 2


def test_what_is_said_later_changes_no_chance_before() -> None:
    net = small().eval()
    one, other = (
        torch.from_numpy(padded([HASHER.ids(text)])) for text in ("i would like a table", "i would like two chairs")
    )
    with torch.no_grad():
        voice = torch.zeros(1, FRAMES, FEATURES)
        first, second = net.facts(one, voice)[2][0], net.facts(other, voice)[2][0]
    assert torch.allclose(first[:4], second[:4], atol=1e-6)
    assert not torch.allclose(first[4:], second[4:], atol=1e-4)


def test_a_chance_does_not_depend_on_the_batch(spoken: list[SpokenTurn]) -> None:
    net = small().eval()
    pauses, _ = pauses_of(spoken)
    with torch.no_grad():
        grid = over_scores(net, pauses)
        row, column = len(pauses) - 1, 7
        ids = torch.from_numpy(HASHER.ids(" ".join(pauses[row].words), last=True)[None])
        voice = torch.from_numpy(pauses[row].voice[None])
        over, text = net(ids, voice, torch.tensor([[GRID_S[column]]], dtype=torch.float32))
        by_text = text_scores(net, [Cut(pauses[row].words, True), Cut(("where", "is", "the"), False)])
    assert grid.shape == (len(pauses), len(GRID_S))
    assert grid[row, column] == pytest.approx(float(over[0]), abs=1e-5)
    assert by_text[0] == pytest.approx(float(text[0]), abs=1e-5)


def test_a_spoken_turn_ends_with_its_end_and_pauses_before(spoken: list[SpokenTurn]) -> None:
    whole = tuple(spoken_words(TURN.text))
    assert {len(turn.pauses) for turn in spoken} <= {1, 2, 3}
    assert any(len(turn.pauses) > 1 for turn in spoken)
    for turn in spoken[::2]:
        assert turn.pauses[-1].words == whole
        assert [pause.length_s is None for pause in turn.pauses] == [False] * (len(turn.pauses) - 1) + [True]
        for pause in turn.pauses[:-1]:
            assert pause.words == whole[: len(pause.words)]
            assert pause.length_s is not None
            assert 0.15 <= pause.length_s <= 3.0
    assert all(pause.voice[:, 1].sum() > 5 for turn in spoken for pause in turn.pauses[-1:])  # a voice is heard


def test_a_pause_longer_than_the_wait_cuts_off_and_the_others_are_waited_for() -> None:
    turns: Turns = [[(0, 0.4), (1, None)], [(2, 0.9), (3, None)], [(4, None)]]
    wait_s, cut = outcome(turns, np.array([0.5, 0.2, 0.5, 0.3, 0.6]))
    assert wait_s == pytest.approx(0.4)
    assert cut == pytest.approx(1 / 3)
    many: Turns = [[(0, 0.4), (1, None)]] * 19 + [[(2, 0.9), (3, None)]]
    assert best(many, silence_rule(4), (0.3, 0.4, 0.41, 0.8, 1.0)) == 0.41  # one of twenty may be cut off
    assert best([[(0, 3.0), (1, None)]], silence_rule(2), (0.3, 0.8)) == 0.3  # none is careful: the first is as good
    chances = np.zeros((2, len(GRID_S)))
    chances[0, 3:] = 0.9
    assert first_above(chances, 0.5).tolist() == [GRID_S[3], GRID_S[-1]]


def test_a_pause_no_longer_than_its_silence_has_no_answer() -> None:
    voice = np.zeros((FRAMES, FEATURES), np.float32)
    turns = [SpokenTurn((Pause(("i",), voice, 0.15), Pause(("i", "see"), voice, None)), "none")]
    examples = Examples([TURN], turns)
    np.random.seed(0)
    within, end = ([examples[index] for _ in range(100)] for index in (1, 2))
    assert {item[5] for item in end} == {1.0}
    assert {item[5] for item in within} == {0.0, -1.0}
    assert all((item[5] == 0.0) == (item[4] < 0.15) for item in within)


def test_a_net_learns_from_texts_and_pauses(tmp_path: Path, spoken: list[SpokenTurn]) -> None:
    turns = [
        Turn((f"please book a {thing} in the {place}",))
        for thing in ("room", "table")
        for place in ("city", "old town")
    ]
    examples = Examples(turns * 6, spoken)
    held = cuts(turns, seed=3)

    def evaluate(net: Any) -> dict[str, float]:
        scores = text_scores(net, held)
        whole = np.array([cut.whole for cut in held])
        return {"apart": float(scores[whole].mean() - scores[~whole].mean())}

    fit = _fit(
        Run("endpoint", tmp_path, tmp_path / "out", smoke=True), "student", small(), _plain_loss, examples, evaluate
    )
    fit.best, fit.epochs, fit.batch_size, fit.rate, fit.ema = "apart", 12, 8, 1e-2, 0.5
    with torch.no_grad():
        begun = evaluate(small().eval())["apart"]
    net = Run("endpoint", tmp_path, tmp_path / "out", smoke=True).fit(fit)
    assert abs(begun) < 0.1
    with torch.no_grad():
        assert evaluate(net)["apart"] > 0.5


def test_a_batch_is_as_wide_as_its_longest_text(spoken: list[SpokenTurn]) -> None:
    np.random.seed(0)
    examples = Examples([TURN], spoken)
    words, ends, shares, voice, pause, over = collate([examples[index] for index in range(3)])
    assert words.shape[0] == voice.shape[0] == over.shape[0] == 3
    assert ends.shape == shares.shape == (3, words.shape[1] + 1)
    assert voice.shape[1:] == (FRAMES, FEATURES)
    assert pause.shape == (3, 1)
    assert over[0] == -1  # a text alone says nothing of the turn
