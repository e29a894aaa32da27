from pathlib import Path

import pytest

from runtime.core.budgets import BUDGETS_FILE, Budget, load_budgets
from runtime.core.errors import UserError


def test_a_budget_is_kept_or_says_what_is_over() -> None:
    budget = Budget("answer_ms", "answer", "ms", p50=350, p95=600)
    assert budget.check([300.0] * 19 + [5_000.0]).kept
    verdict = budget.check([300.0] * 18 + [5_000.0] * 2)
    assert (verdict.count, verdict.p50, verdict.p95) == (20, 300.0, 5_000.0)
    assert verdict.over == ("p95 5000 ms is over 600",)


def test_worst_values_and_missing_ones_break_a_budget() -> None:
    assert Budget("frames", "", "/s", min=24.5).check([25.0, 24.4]).over == ("min 24.4 /s is under 24.5",)
    assert Budget("cpu", "", "cores", max=1.2).check([1.0, 1.3]).over == ("max 1.3 cores is over 1.2",)
    assert not Budget("cpu", "", "cores", max=1.2).check([]).kept
    assert not Budget("cpu", "", "cores", max=1.2).check([float("nan")]).kept


def test_the_budgets_that_ship_are_read() -> None:
    budgets = load_budgets("edge")
    assert budgets["answer_ms"].p50 is not None
    assert all(budget.title and budget.unit for budget in budgets.values())
    with pytest.raises(UserError, match="no budgets for the profile 'toaster'"):
        load_budgets("toaster")
    assert BUDGETS_FILE.name == "budgets.toml"


@pytest.mark.parametrize(
    "content", ["[edge.a]\ntitle = 'a'\nunit = 'ms'\n", "[edge.a]\np50 = 1\n", "[edge]\na = 1\n", "x = ["]
)
def test_a_wrong_budget_is_a_clear_error(tmp_path: Path, content: str) -> None:
    file = tmp_path / "budgets.toml"
    file.write_text(content)
    with pytest.raises(UserError):
        load_budgets("edge", file)
