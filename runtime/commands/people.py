"""`python -m runtime people`: show, export or erase what is remembered of people."""

import argparse
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.core.errors import UserError
from runtime.core.settings import add_flags, settings_from

if TYPE_CHECKING:
    from runtime.persona.people.store import Store

OF_ONE = ("export", "forget")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "action",
        choices=["list", "export", "forget", "expire"],
        help="list everybody; export one person's data as JSON; forget one person; expire: erase what is too old",
    )
    parser.add_argument("id", nargs="?", default="", help="whom to export or forget: an id that list shows")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the export to a new file, not to the screen")
    add_flags(parser, "database_url", "data_dir", "keep_days")


def run(args: argparse.Namespace) -> int:
    """Do it; return the exit status."""
    if (args.action in OF_ONE) != bool(args.id):
        needs = "needs the id of a person" if args.action in OF_ONE else "takes no id"
        raise UserError(f"people {args.action} {needs}.", "python -m runtime people list shows them.")
    settings = settings_from(args)
    with opened(settings.database_url, settings.data_dir) as store:
        if args.action == "list":
            show(store)
        elif args.action == "export":
            export(store, args.id, args.out)
        elif args.action == "forget":
            if not store.forget(args.id):
                raise UserError(f"Nobody of the id {args.id!r} is remembered.", "python -m runtime people list")
            print("Erased.")
        else:
            people, exchanges = store.expire(settings.keep_days)
            print(f"Kept for {settings.keep_days} days: {people} people and {exchanges} exchanges were erased.")
    return 0


@contextmanager
def opened(url: str | None, data_dir: Path) -> Iterator["Store"]:
    """Open the memory of people for a while."""
    from runtime.persona.people.database import database_url
    from runtime.persona.people.store import Store

    store = Store(database_url(url, data_dir))
    store.open()
    try:
        yield store
    finally:
        store.close()


def show(store: "Store") -> None:
    """Print one row a person."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    people = store.people()
    if not people:
        print("Nobody is remembered.")
        return
    table = Table(title="People", title_justify="left")
    for heading in ("id", "name", "since", "last seen", "facts", "exchanges"):
        table.add_column(heading, justify="right" if heading in ("facts", "exchanges") else "left", no_wrap=True)
    for one in people:
        days = (f"{one.since:%Y-%m-%d}", f"{one.last_seen:%Y-%m-%d}")
        table.add_row(one.id, escape(one.name), *days, str(one.facts), str(one.exchanges))
    console = Console()
    (console if console.is_terminal else Console(width=120)).print(table)


def export(store: "Store", person: str, out: Path | None) -> None:
    """Write all that is kept of a person as JSON; a file can be read by its owner alone."""
    text = json.dumps(store.export(person), ensure_ascii=False, indent=2)
    if out is None:
        print(text)
        return
    try:
        file = os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        raise UserError(f"{out} can't be written: {error.strerror}.", "Name a file that is not there yet.") from None
    with os.fdopen(file, "w", encoding="utf-8") as target:
        target.write(text + "\n")
    print(f"Written to {out}.")
