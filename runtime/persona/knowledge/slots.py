"""The slots of an answer: {today}, {tomorrow}, {time}, and {table.row.column} with a row that may be a day."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from runtime.core.errors import UserError
from runtime.persona.knowledge.saying import said_date, said_time, weekday
from runtime.persona.knowledge.tables import Table, cell

_KNOWN: Final = "{today}, {tomorrow}, {date}, {time} or {table.row.column}"
_SLOT: Final = re.compile(r"\{([^{}]*)\}")


def fill_slots(text: str, tables: Mapping[str, Table], when: datetime) -> str:
    """Return an answer as it is said at a time.

    {today} and {tomorrow} are days of the week, {date} the day of the year, {time} the time of day;
    {hours.today.opens} is the cell of the row named for today's day of the week.

    Raises:
        UserError: there is no such slot or cell.
    """
    if "{" not in text:
        return text
    days = {"today": weekday(when), "tomorrow": weekday(when + timedelta(days=1))}
    plain = {key: day.capitalize() for key, day in days.items()}
    plain |= {"date": said_date(when.date()), "time": said_time(when.time())}

    def value(found: re.Match[str]) -> str:
        parts = found[1].split(".")
        if len(parts) == 3:
            return cell(dict(tables), ".".join((parts[0], days.get(parts[1], parts[1]), parts[2])))
        if found[1] not in plain:
            raise UserError(f"There is no slot {found[0]}.", f"Use {_KNOWN}.")
        return plain[found[1]]

    return _SLOT.sub(value, text)


def check_slots(text: str, tables: Mapping[str, Table]) -> None:
    """Raise UserError if an answer can't be said on some day of the week."""
    for day in range(1, 8):
        fill_slots(text, tables, datetime(2024, 1, day, 12))
