"""A person's visit: what a sign of theirs asks for, and when they are gone."""

import asyncio
from collections.abc import Callable
from enum import Enum
from typing import Final

from runtime.core.clock import now
from runtime.core.messages import Reaction

FORGET_AFTER_S = 8.0
"""Who has left and says nothing for so long is gone."""
REACTIONS: Final = {
    "stop": Reaction.HALT,
    "yes": Reaction.NOD,
    "no": Reaction.SYMPATHY,
    "greet": Reaction.BRIGHTEN,
    "next": Reaction.GLANCE_LEFT,
    "back": Reaction.GLANCE_RIGHT,
    "choose": Reaction.NOD,
    "again": Reaction.NOD,
}
"""What the face does at once, whatever the answer to a sign will be."""
ENOUGH: Final = ("greet", "yes", "no")
"""While the character speaks, its face is answer enough to these."""


class Wish(Enum):
    """What a sign asks for."""

    NOTHING = "nothing"
    STOP = "stop"
    GREETING = "greeting"
    ANSWER = "answer"


def wish(action: str, speaking: bool, met: bool) -> Wish:
    """Return what an action of `REACTIONS` asks for; `speaking` is the character, `met` whether it ever spoke."""
    if action == "stop":
        return Wish.STOP
    if action == "greet" and not met:
        return Wish.GREETING
    return Wish.NOTHING if speaking and action in ENOUGH else Wish.ANSWER


class Visit:
    """Whether somebody has been met, and whether they are still there. `over` is called when they are gone.

    A talk may go on out of the camera's sight: nobody leaves while `busy` holds, nor within 8 s of their last word.
    """

    def __init__(self, busy: Callable[[], bool], over: Callable[[], None]) -> None:
        self.met = False
        self._busy = busy
        self._over = over
        self._last_word_s = 0.0
        self._leaving: asyncio.TimerHandle | None = None

    def said_something(self) -> None:
        """Note that they speak, type or make a sign now."""
        self._last_word_s = now()

    def away(self) -> None:
        """They are out of sight."""
        self.stays()
        self._leaving = asyncio.get_running_loop().call_later(FORGET_AFTER_S, self._check)

    def stays(self) -> None:
        """They are in sight again, or nobody is to be waited for any more."""
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None

    def _check(self) -> None:
        if self._busy() or now() - self._last_word_s < FORGET_AFTER_S:
            self.away()
            return
        self._leaving = None
        self.met = False
        self._over()
