"""Reading a table of knowledge, bounded; a mistake is named with its file and line."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from runtime.core.errors import UserError
from runtime.core.toml_file import read_text

MAX_ROWS: Final = 2_000
MAX_COLUMNS: Final = 20


def at(path: Path, line: int, reason: str, remedy: str = "Mend that line.") -> UserError:
    """Return the error for a mistake in a line."""
    return UserError(f"{path}, line {line}: {reason}.", remedy)


def read_csv(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row with its line number; the column names are in lower case. Cells are parted by , or ; or tabs.

    Raises:
        UserError: it is too large, has no header or a row that doesn't fit the header.
    """
    text = read_text(path)
    parted_by = max(",;\t", key=text.partition("\n")[0].count)  # spreadsheets write as the country does
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=parted_by, strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if not header or "" in header or len(set(header)) < len(header) or len(header) > MAX_COLUMNS:
            raise at(path, 1, f"the first line has to name up to {MAX_COLUMNS} columns, each once")
        for count, row in enumerate(reader):
            if not any(cell.strip() for cell in row):
                continue
            if count >= MAX_ROWS:
                raise at(path, reader.line_num, f"there are more than {MAX_ROWS} rows", "Split the table.")
            if len(row) != len(header):
                raise at(path, reader.line_num, f"there are {len(row)} cells under {len(header)} columns")
            yield reader.line_num, dict(zip(header, (cell.strip() for cell in row), strict=True))
    except csv.Error as error:
        raise at(path, reader.line_num, f"this is not CSV: {error}") from error
