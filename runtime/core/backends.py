"""The state of one replaceable part's backend, as `python -m runtime devices` shows it."""

from dataclasses import dataclass


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
