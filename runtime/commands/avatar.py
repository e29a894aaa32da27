"""`python -m runtime avatar sheet NAME`: draw a character's contact sheet."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("action", choices=["sheet"], help="sheet: draw the 28 standard states")
    parser.add_argument("name", help="a character in assets/avatars, or a pack's path")
    parser.add_argument("--output", type=Path, help="the PNG to write [NAME_sheet.png]")


def run(args: argparse.Namespace) -> int:
    """Draw the sheet; return the exit status."""
    from runtime.avatar.sheet import write_sheet

    path = args.output or Path(f"{Path(args.name).stem}_sheet.png")
    write_sheet(args.name, path)
    print(f"wrote {path}")
    return 0
