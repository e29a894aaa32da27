"""The embedded brain: answers from the persona's knowledge alone, and says so when it does not know."""

import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Final

from runtime.core.clock import WallClock
from runtime.core.messages import Phrase, UserTurn
from runtime.persona.brain import phrases_of
from runtime.persona.deciding import BY_MODEL, BY_WORDS, decide
from runtime.persona.embedding import Embedding
from runtime.persona.following import Version, read
from runtime.persona.memory import Context
from runtime.persona.persona import Persona, normal
from runtime.persona.retrieval import Match, Retriever
from runtime.persona.telling import in_turn, tell

COMPARED: Final = 4
"""So many entries are compared for each version of what was said."""

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
        if embedding is not None:
            self._retriever = Retriever(persona, embedding)
        self._thresholds = BY_WORDS if embedding is None else BY_MODEL[embedding.name]
        self._clock = clock
        self._numbers = {entry.id: number for number, entry in enumerate(persona.knowledge)}

    @cached_property
    def _retriever(self) -> Retriever:
        """Without vectors, as until the models are loaded, it is made when it is first needed."""
        return Retriever(self._persona)

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
        verdict = decide(self.rank(turn, context), self._thresholds)
        meant = [self._persona.knowledge[number] for number in verdict.entries]
        if verdict.act == "tell":
            return tell(self._persona, meant[0], turn.turn, self._clock)
        if verdict.act == "ask":
            quoted = [f'"{entry.questions[0]}"' for entry in meant]
            text = f"Do you mean {', or '.join(quoted)}?"
            return phrases_of(text, "curious", "ask", offers=tuple(entry.id for entry in meant))
        return phrases_of(in_turn(self._persona.fallbacks, turn.turn), "concerned", "fallback")

    def rank(self, turn: UserTurn, context: Context) -> list[Match]:
        """Return the entries that fit a turn best, best first: by what was said, and by what it goes on from."""
        before = self._numbers.get(context.last.source)
        reading = read(turn.text, context.last.asked, None if before is None else self._persona.knowledge[before])
        doubt = self._thresholds.doubt if turn.doubtful else 1.0  # a narrow reading has to agree with the wide one
        said = [replace(version, trust=version.trust * doubt) for version in reading.versions]
        found: dict[int, float] = {}
        for version in (*said, Version(turn.alternative)):
            for match in self._retriever.rank(version.text, COMPARED):
                if match.entry != before or not (version.new or reading.refuses):
                    found[match.entry] = max(found.get(match.entry, 0.0), match.score * version.trust)
        return sorted(itertools.starmap(Match, found.items()), key=lambda match: -match.score)
