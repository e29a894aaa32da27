"""What is measured of a visit, and what is compared between variants."""

from dataclasses import dataclass
from typing import Final, Literal

OutcomeName = Literal["done", "asked_again", "interrupted", "thumb_up", "thumb_down", "latency"]


@dataclass(frozen=True)
class Outcome:
    """Something that is compared: `about` says what, and `more_is_better` which way is an improvement.

    A share is of visits, 0..1; else it is a time in seconds, and only visits with one count.
    """

    name: OutcomeName
    about: str
    more_is_better: bool = False
    is_share: bool = True


OUTCOMES: Final = {
    outcome.name: outcome
    for outcome in (
        Outcome("done", "task done", more_is_better=True),
        Outcome("asked_again", "asked again"),
        Outcome("interrupted", "interrupted"),
        Outcome("thumb_up", "thumb up", more_is_better=True),
        Outcome("thumb_down", "thumb down"),
        Outcome("latency", "latency", is_share=False),
    )
}


@dataclass(frozen=True)
class Visit:
    """One visit in figures: nothing of what was said, and nothing by which the person could be known.

    `turns` of the person, of which `answered` got an answer from knowledge, `again` were asked again or asked back and
    `interrupted` cut the answer off. `waited_s` is the mean time to the first sound of an answer, None without one.
    """

    variant: str
    came_back: bool = False
    turns: int = 0
    answered: int = 0
    again: int = 0
    interrupted: int = 0
    thumbs_up: int = 0
    thumbs_down: int = 0
    done: bool = False
    waited_s: float | None = None

    def value(self, outcome: OutcomeName) -> float | None:
        """Return an outcome of this visit: 0 or 1 of a share, seconds of a time; None where there is none."""
        if outcome == "latency":
            return self.waited_s
        happened: dict[str, object] = {
            "done": self.done,
            "asked_again": self.again,
            "interrupted": self.interrupted,
            "thumb_up": self.thumbs_up,
            "thumb_down": self.thumbs_down,
        }
        return float(bool(happened[outcome]))
