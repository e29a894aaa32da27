"""`python -m runtime experiments`: check an experiment's file, list experiments, report what one has shown."""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from runtime.core.errors import UserError
from runtime.core.settings import Settings, add_flags, settings_from

if TYPE_CHECKING:
    from runtime.experiments.experiment import Experiment
    from runtime.experiments.intervals import Estimate
    from runtime.experiments.report import Report
    from runtime.experiments.store import VisitStore

WIDTH = 120


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "action",
        choices=["check", "list", "report", "erase"],
        help="check: an experiment's files; list: all; report: what one has shown; erase: its figures",
    )
    parser.add_argument("name", nargs="?", help="a file (.toml), or a name in the folder experiments of data_dir")
    parser.add_argument("--json", action="store_true", help="list and report: print JSON")
    add_flags(parser, "experiment", "database_url", "data_dir")


def run(args: argparse.Namespace) -> int:
    """Do it; return the exit status."""
    settings = settings_from(args)
    if args.action == "list":
        if args.name:
            raise UserError("experiments list takes no name.", "python -m runtime experiments report NAME")
        return _list(settings, args.json)
    if args.action == "erase":
        return _erase(args.name, settings)
    name = args.name or settings.experiment
    if not name:
        raise UserError(
            f"Which experiment? experiments {args.action} needs a name.", "python -m runtime experiments list"
        )
    return _check(name, settings) if args.action == "check" else _report(name, settings, args.json)


def _check(name: str, settings: Settings) -> int:
    """Make the minds as the server would, without starting them."""
    from runtime.core.device import choose_profile, find_machine
    from runtime.minds import Minds

    profile, _ = choose_profile(settings.device, find_machine())
    experiment = Minds(settings.model_copy(update={"experiment": name}), profile).experiment
    assert experiment is not None
    total = sum(variant.weight for variant in experiment.variants)
    shares = ", ".join(f"{variant.name} {variant.weight / total:.0%}" for variant in experiment.variants)
    print(f"{experiment.name} is in order: {shares}. It decides by {experiment.primary}.")
    return 0


def _list(settings: Settings, as_json: bool) -> int:
    from runtime.experiments.experiment import experiment_files, find_experiment, read_experiment

    files = experiment_files(settings.data_dir)
    if settings.experiment and (path := find_experiment(settings.experiment, settings.data_dir)) not in files:
        files.append(path)
    names = {read_experiment(path).name: str(path) for path in files}
    with _opened(settings) as store:
        counts = store.counts()
    rows = [
        {"name": name, "file": names.get(name, ""), "visits": counts.get(name, 0)} for name in sorted({*names, *counts})
    ]
    if as_json:
        print(json.dumps(rows, indent=2))
    elif not rows:
        print(f"There are no experiments in {settings.data_dir / 'experiments'}.")
    for row in rows if not as_json else []:
        print(f"{row['name']}: {row['visits']} visits, {row['file'] or 'its file is gone'}")
    return 0


def _erase(name: str | None, settings: Settings) -> int:
    if not name:
        raise UserError("Whose figures? experiments erase needs the name of an experiment.", "See experiments list.")
    with _opened(settings) as store:
        erased = store.erase(name)
    if not erased:
        raise UserError(f"There are no figures of an experiment {name!r}.", "python -m runtime experiments list")
    print(f"Erased: {erased} visits.")
    return 0


def _report(name: str, settings: Settings, as_json: bool) -> int:
    from runtime.experiments.experiment import find_experiment, read_experiment
    from runtime.experiments.report import make_report

    experiment = read_experiment(find_experiment(name, settings.data_dir))
    with _opened(settings) as store:
        report = make_report(experiment, store.visits(experiment.name))
    if as_json:
        print(json.dumps(report.as_dict(), indent=2))
    else:
        _show(experiment, report)
    return 0


@contextmanager
def _opened(settings: Settings) -> Iterator["VisitStore"]:
    from runtime.trial import open_store

    store = open_store(settings)
    try:
        yield store
    finally:
        store.close()


def _show(experiment: "Experiment", report: "Report") -> None:
    """Print a row for each outcome of each variant, and what the test says."""
    from rich.console import Console
    from rich.table import Table

    from runtime.experiments.outcomes import OUTCOMES

    control = experiment.variants[0].name
    table = Table(title=f"{report.experiment}: {report.visits} visits", title_justify="left")
    for heading in ("outcome", "variant", "visits", "value [95 %]", f"difference from {control} [95 %]"):
        table.add_column(heading, justify="right" if heading == "visits" else "left")
    for place, outcome in enumerate(OUTCOMES.values()):
        named = f"{outcome.about} *" if outcome.name == report.primary else outcome.about
        for arm in report.arms:
            one = arm.measured[place]
            shown = (_shown(one.value, outcome.is_share), _shown(one.difference, outcome.is_share, signed=True))
            table.add_row(named if arm is report.arms[0] else "", arm.variant, str(one.visits), *shown)
        table.add_section()
    console = Console()
    (console if console.is_terminal else Console(width=WIDTH)).print(table)
    print("* decides. The intervals above hold for one look at the end; this test may be looked at at any time:")
    for arm in report.arms[1:]:
        assert arm.test is not None
        ends = _interval(arm.test.low, arm.test.high, OUTCOMES[experiment.primary].is_share)
        print(
            f"{arm.variant}: {arm.verdict}." + (f" Always-valid p {arm.test.p:.3g}, difference {ends}." if ends else "")
        )
    if not report.even:
        print(f"WARNING: the split is not as it should be (p {report.split_p:.2g}). Don't trust these figures.")
    if report.came_back:
        print(f"Left out: {report.came_back} visits of people who came back.")
    if report.unknown:
        print(f"Left out: {report.unknown} visits of variants that the file no longer names.")


def _shown(estimate: "Estimate | None", is_share: bool, signed: bool = False) -> str:
    if estimate is None:
        return "-"
    return f"{_number(estimate.value, is_share, signed)} {_interval(estimate.low, estimate.high, is_share)}".rstrip()


def _interval(low: float | None, high: float | None, is_share: bool) -> str:
    if low is None or high is None:
        return ""
    return f"({_number(low, is_share)} to {_number(high, is_share)})"


def _number(value: float, is_share: bool, signed: bool = False) -> str:
    sign = "+" if signed else ""
    return f"{value * 100:{sign}.1f} %" if is_share else f"{value:{sign}.3f} s"
