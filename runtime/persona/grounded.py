"""The embedded brain: answers from the persona's knowledge alone, and says so when it does not know."""

import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from runtime.core.clock import WallClock
from runtime.core.messages import Phrase, UserTurn
from runtime.persona.brain import phrases_of
from runtime.persona.embedding import Embedding
from runtime.persona.following import SAME_TOPIC, goes_on, read
from runtime.persona.knowledge.entry import Entry
from runtime.persona.memory import Context
from runtime.persona.persona import Persona, normal
from runtime.persona.retrieval import Match, Retriever
from runtime.persona.telling import in_turn, tell


@dataclass(frozen=True)
class Limits:
    """Scores, 0..1, from which on a match is sure and possible.

    Two entries whose scores differ by less than `tied` (where the match is sure) or `close` (where it is possible) are
    both possible meanings.
    """

    sure: float
    possible: float
    tied: float
    close: float
    doubt: float
    """The factor of the narrow reading of a doubtful turn: it can only say what the persona knows."""


BY_WORDS: Final = Limits(0.64, 0.50, 0.02, 0.06, 0.85)
BY_MEANING: Final = Limits(0.64, 0.58, 0.0, 0.06, 0.62)
"""With sentence vectors in the score. Both were chosen on questions that are not those of the test."""
_FEW, _WIDE = 3, 20
"""How many entries are compared; more where what was spoken of before may lift one."""


_AGAIN: Final = frozenset(
    (
        "say that again", "repeat that", "can you repeat that", "could you repeat that", "pardon", "what did you say",
        "say it again", "again please", "can you say that again", "sorry what",
    )
)  # fmt: skip
_STOP: Final = frozenset(("stop", "be quiet", "quiet", "stop talking", "shut up", "enough", "silence"))


class GroundedBrain:
    """Retrieval over the persona's knowledge with honest fallbacks. `clock` tells the local time for answers."""

    def __init__(self, persona: Persona, embedding: Embedding | None = None, clock: WallClock = datetime.now) -> None:
        self._persona = persona
        self._retriever = Retriever(persona, embedding)
        self._limits = BY_WORDS if embedding is None else BY_MEANING
        self._clock = clock
        self._entries = {entry.id: entry for entry in persona.knowledge}

    async def greet(self) -> AsyncIterator[Phrase]:
        """See `Brain.greet`."""
        for phrase in phrases_of(self._persona.greeting[0], "warm", "greet"):
            yield phrase

    async def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        """See `Brain.respond`."""
        for phrase in self.answer(turn, context):
            yield phrase

    def answer(self, turn: UserTurn, context: Context) -> Sequence[Phrase]:
        """Return the whole answer to a turn."""
        words = normal(turn.text)
        if not words and not turn.alternative:
            return phrases_of(in_turn(self._persona.not_heard, turn.turn), "concerned", "repair")
        if words in _STOP:
            return ()
        if words in _AGAIN:
            return phrases_of(context.last_heard or in_turn(self._persona.not_heard, turn.turn), "neutral", "repair")
        matches = self._matches(turn, context)
        if not matches or matches[0].score < self._limits.possible:
            return phrases_of(in_turn(self._persona.fallbacks, turn.turn), "concerned", "fallback")
        best = self._persona.knowledge[matches[0].entry]
        sure = matches[0].score >= self._limits.sure
        rivals = [
            m for m in matches[1:] if matches[0].score - m.score < (self._limits.tied if sure else self._limits.close)
        ]
        if sure and not rivals:
            return tell(self._persona, best, turn.turn, self._clock)
        if rivals:
            return self._ask_which(best, self._persona.knowledge[rivals[0].entry])
        asked = phrases_of(f'Did you ask "{best.questions[0]}"?', "curious", "ask")
        return asked + tell(self._persona, best, turn.turn, self._clock)

    def _matches(self, turn: UserTurn, context: Context) -> list[Match]:
        """Rank by what was said, and what was spoken of before where the turn goes on from that."""
        last = self._entries.get(context.last.source)
        reading = read(turn.text, context.last.asked, last)
        found = self._ranked(turn, reading.texts, _WIDE if reading.follows or reading.refuses else _FEW)
        if last is not None and reading.refuses:
            found = [match for match in found if self._persona.knowledge[match.entry] is not last]
        if last is not None and reading.follows:
            knowledge = self._persona.knowledge
            found = [Match(m.entry, m.score + SAME_TOPIC * goes_on(last, knowledge[m.entry])) for m in found]
        return sorted(found, key=lambda m: -m.score)

    def _ranked(self, turn: UserTurn, texts: Sequence[str], count: int) -> list[Match]:
        """Rank by every reading; a doubtful narrow one has to agree with the wide one."""
        doubt = self._limits.doubt if turn.doubtful else 1.0
        readings = [(text, doubt) for text in texts] + ([(turn.alternative, 1.0)] if turn.alternative else [])
        found: dict[int, float] = {}
        for text, factor in readings:
            for match in self._retriever.rank(text, count):
                found[match.entry] = max(found.get(match.entry, 0.0), match.score * factor)
        return list(itertools.starmap(Match, found.items()))

    def _ask_which(self, first: Entry, second: Entry) -> list[Phrase]:
        text = f'Do you mean "{first.questions[0]}", or "{second.questions[0]}"?'
        return phrases_of(text, "curious", "ask", offers=(first.id, second.id))
