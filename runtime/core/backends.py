"""The backends of a replaceable part: their states, as `python -m runtime devices` shows them, and opening the best."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from runtime.core.errors import UserError

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class BackendState:
    """`part` (say text to speech), backend `name`, whether it is `ready` here, a `detail`, and the `remedy` if not.

    `better` marks one that `auto` prefers to the embedded default once it is ready.
    """

    part: str
    name: str
    ready: bool
    detail: str = ""
    remedy: str = ""
    better: bool = False


def open_backend(kind: str, name: str, states: Sequence[BackendState], load: Callable[[str], T]) -> T:
    """Return the backend `name`, loaded; `auto` takes the first of `states` that is ready and loads, and logs which.

    Raises:
        UserError: there is no such backend, or it can't be loaded; the error calls it a `kind`.
    """
    if name != "auto":
        names = [state.name for state in states]
        if name not in names:
            raise UserError(f"There is no {kind} {name!r}.", f"Use auto or one of {', '.join(names)}.")
        return load(name)
    for state in states:
        if not state.ready:
            continue
        try:
            backend = load(state.name)
        except UserError as error:
            log.warning("the %s %s can't be used: %s", kind, state.name, error)
        else:
            log.info("%s: %s (%s)", state.part, state.name, state.detail)
            return backend
    raise UserError(f"No {kind} can be loaded.", states[-1].remedy or "See: python -m runtime devices.")
