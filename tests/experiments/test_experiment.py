"""The file of an experiment, and who meets which variant."""

import uuid
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from runtime.core.errors import UserError
from runtime.experiments.experiment import FOLDER, experiment_files, find_experiment, read_experiment
from runtime.experiments.intervals import split_p
from tests.experiments.files import TWO, experiment, written


def units(count: int, seed: int = 0) -> list[str]:
    """Return ids as sessions have them, the same ones each time."""
    random = np.random.default_rng(seed)
    return [uuid.UUID(bytes=random.bytes(16)).hex for _ in range(count)]


def test_a_file_is_read_with_what_each_variant_changes(tmp_path: Path) -> None:
    (tmp_path / "short").mkdir()
    text = TWO + 'weight = 3\npersona = "short"\nllm_url = "http://127.0.0.1:9/v1"\nllm_max_tokens = 60\n'
    read = read_experiment(written(tmp_path, text))
    assert (read.name, read.primary, read.minimum_effect, read.alpha) == ("shorter", "done", 0.1, 0.05)
    long, short = read.variants
    assert long.changes == {}
    assert (short.weight, short.persona) == (3, str(tmp_path / "short"))
    assert short.changes == {
        "persona": str(tmp_path / "short"),
        "llm_url": "http://127.0.0.1:9/v1",
        "llm_key": None,
        "llm_max_tokens": 60,
    }


def test_an_experiment_is_found_by_its_file_or_its_name(tmp_path: Path) -> None:
    path = written(tmp_path / FOLDER)
    assert find_experiment(str(path), tmp_path / "elsewhere") == path
    assert find_experiment("shorter", tmp_path) == path
    assert experiment_files(tmp_path) == [path]
    with pytest.raises(UserError, match="no experiment 'longer'") as caught:
        find_experiment("longer", tmp_path)
    assert "shorter" in caught.value.remedy


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ('primary = "done"', 'primary = "sales"', 3, "done"),
        ("minimum_effect = 0.1", "minimum_effect = 5", 4, "0.05 for 5 %"),
        ("minimum_effect = 0.1", "minimum_effect = 0", 4, "greater than 0"),
        ('name = "short"', 'name = "short"\nweight = 0', 11, "greater than or equal to 1"),
        ('name = "short"', 'name = "short"\nllm_max_tokens = 2', 11, "greater than or equal to 16"),
        ('name = "short"', 'name = "short"\nllm_timeout_s = 900', 11, "less than or equal to 300"),
        ('name = "short"', 'name = "short"\nport = 1', 11, "not permitted"),
        ('name = "short"', 'name = "Short one"', 10, "match pattern"),
        ('name = "short"', 'name = "long"', 6, "same name"),
        ('\n[[variants]]\nname = "short"\n', "", 6, "at least 2"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, told: str) -> None:
    with pytest.raises(UserError) as caught:
        read_experiment(written(tmp_path, TWO.replace(old, new)))
    assert told in caught.value.what
    assert f"line {line}:" in caught.value.what


def test_the_same_visitor_always_meets_the_same_variant() -> None:
    one, again = experiment(1, 2, 1), experiment(1, 2, 1)
    assert all(one.variant_of(unit) == again.variant_of(unit) for unit in units(200))
    assert experiment().variant_of("3a0b").name == "a"  # as it was at the first release: never changes
    assert experiment().variant_of("3a0c").name == "b"


@pytest.mark.parametrize("weights", [(1, 1), (1, 9), (5, 2, 3)])
def test_variants_get_their_shares(weights: tuple[int, ...]) -> None:
    counts = Counter(experiment(*weights).variant_of(unit).name for unit in units(20_000))
    assert split_p([counts[name] for name in "abc"[: len(weights)]], weights) > 0.01


def test_two_experiments_divide_the_same_visitors_independently() -> None:
    one, other = experiment(name="one"), experiment(name="other")
    both = Counter((one.variant_of(unit).name, other.variant_of(unit).name) for unit in units(20_000))
    assert split_p([both[a, b] for a in "ab" for b in "ab"], (1, 1, 1, 1)) > 0.01
