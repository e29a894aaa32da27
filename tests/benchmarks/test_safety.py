"""The benchmark of what is blocked: its shares, against their budgets."""

import json
from pathlib import Path

import pytest

from benchmarks.safety import FILES, check, rows, samples
from runtime.core.budgets import load_budgets


def test_every_budget_is_measured_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path / "safety.json")
    told = capsys.readouterr().out
    assert "unseen" in told
    figures = json.loads((tmp_path / "safety.json").read_text())
    assert {result["name"] for result in figures["results"]} == set(load_budgets("safety"))
    assert figures["visitors"]["known"]["emergency"] == "21 of 21"


def test_shares_are_of_the_texts_that_they_are_about() -> None:
    found = samples()
    assert found["wrongly_blocked"] == [0]
    assert len(found["text_ms"]) == 2 * sum(len(rows(file)) for file in FILES)
    assert all(50 < found[name][0] < 100 for name in ("injections_found", "unfit_found", "asks_ai_found", "held_back"))
