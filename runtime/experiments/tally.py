"""Counts, from the events of a session, how each visit went. Pure: no clock, and no word of it is kept."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from runtime.core.messages import (
    BotStartedSpeaking,
    BotText,
    Gesture,
    Interrupted,
    PersonLeft,
    SessionEvent,
    TurnReport,
    UserTurn,
    VariantChosen,
)
from runtime.experiments.outcomes import Visit

_UNANSWERED: Final = frozenset(("fallback", "ask", "repair"))
_THUMBS: Final = {"thumb_up": True, "thumb_down": False}


@dataclass(frozen=True)
class Meaning:
    """What only the persona knows: `sets_right` whether words set the last answer right ("no, I meant ...").

    `is_answer` is whether a variant's source of a phrase is knowledge that people come for, and no small talk.
    """

    sets_right: Callable[[str], bool]
    is_answer: Callable[[str, str], bool]


@dataclass
class _Counts:
    """One visit so far. A request is a turn that was answered from knowledge, or to which no answer was known."""

    variant: str
    came_back: bool
    met: bool = False
    turns: int = 0
    answered: int = 0
    again: int = 0
    interrupted: int = 0
    thumbs_up: int = 0
    thumbs_down: int = 0
    waits: int = 0
    waited_s: float = 0.0
    requests: int = 0
    told: set[str] = field(default_factory=set)
    """Sources that have answered a request."""
    stands: bool = False
    """Whether the last request has its answer, as far as is known now."""
    liked: bool | None = None
    """The last thumb that the last request's answer got, up or down."""


@dataclass
class _Turn:
    """The person's turn under way, and what was heard of its answer."""

    number: int
    sets_right: bool
    acts: list[str] = field(default_factory=list)
    source: str = ""
    timed: bool = False
    liked: bool | None = None


class Tally:
    """Takes the events of one session in their order, and returns each visit once it is over.

    A visit counts from the first sound that the person hears, whether they say anything or not: a variant may also be
    better at being spoken to.
    """

    def __init__(self, meaning: Meaning) -> None:
        self._meaning = meaning
        self._visit: _Counts | None = None
        self._turn: _Turn | None = None

    def take(self, event: SessionEvent) -> Visit | None:
        """Count an event; return the visit that it ends, if any."""
        if isinstance(event, VariantChosen | PersonLeft):
            ended = self.finish()
            if isinstance(event, VariantChosen):
                self._visit = _Counts(event.variant, event.came_back)
            return ended
        if self._visit is not None:
            self._count(event, self._visit, self._turn)
        return None

    def finish(self) -> Visit | None:
        """Return the visit under way, which is over; None where nobody was there."""
        visit, self._visit = self._visit, None
        if visit is None or not visit.met:
            self._turn = None
            return None
        self._close_turn(visit)
        return Visit(
            variant=visit.variant,
            came_back=visit.came_back,
            turns=visit.turns,
            answered=visit.answered,
            again=visit.again,
            interrupted=visit.interrupted,
            thumbs_up=visit.thumbs_up,
            thumbs_down=visit.thumbs_down,
            done=visit.stands if visit.liked is None else visit.liked,
            waited_s=visit.waited_s / visit.waits if visit.waits else None,
        )

    # ------------------------------------------------------------ inside

    def _count(self, event: SessionEvent, visit: _Counts, turn: _Turn | None) -> None:
        if isinstance(event, BotStartedSpeaking):
            visit.met = True
        elif isinstance(event, UserTurn):
            self._close_turn(visit)
            visit.met = True
            self._turn = _Turn(event.turn, visit.requests > 0 and self._meaning.sets_right(event.text))
        elif turn is None:
            return
        elif isinstance(event, Gesture):
            self._thumb(event.name, visit, turn)
        elif isinstance(event, BotText | TurnReport | Interrupted) and event.turn == turn.number:
            self._answer(event, visit, turn)

    def _answer(self, event: BotText | TurnReport | Interrupted, visit: _Counts, turn: _Turn) -> None:
        """Count what was heard in answer to the turn under way, and when."""
        match event:
            case BotText(act=act, source=source):
                turn.acts.append(act)
                if act == "answer" and source and self._meaning.is_answer(visit.variant, source):
                    turn.source = turn.source or source
            case TurnReport(marks={"speech_end": asked_s, "first_out": heard_s}) if not turn.timed:
                turn.timed = True
                visit.waits += 1
                visit.waited_s += max(0.0, heard_s - asked_s)
            case Interrupted(heard=heard) if heard:
                visit.interrupted += 1

    @staticmethod
    def _thumb(sign: str, visit: _Counts, turn: _Turn) -> None:
        """Take a thumb that is shown to an answer. One that is shown to a question is an answer itself."""
        if sign not in _THUMBS or not turn.acts or turn.acts[-1] == "ask":
            return
        turn.liked = _THUMBS[sign]
        visit.thumbs_up += turn.liked
        visit.thumbs_down += not turn.liked

    def _close_turn(self, visit: _Counts) -> None:
        """Judge a turn by what was heard in answer to it; one that nothing was heard of is none."""
        turn, self._turn = self._turn, None
        if turn is None or not turn.acts:
            return
        visit.turns += 1
        repeated = turn.source in visit.told
        asked_back = not turn.source and ("repair" in turn.acts or set(turn.acts) == {"ask"})
        visit.again += turn.sets_right or repeated or asked_back
        if turn.source or _UNANSWERED.intersection(turn.acts):
            visit.requests += 1
            visit.stands, visit.liked = bool(turn.source) and not repeated, None
        if turn.source:
            visit.answered += 1
            visit.told.add(turn.source)
        if turn.liked is not None:
            visit.liked = turn.liked
