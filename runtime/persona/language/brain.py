"""The brain with a language model: the same person with a wider mind, grounded by what retrieval found.

The grounded brain answers every turn first, which takes it milliseconds. To commands and to what it could not hear
its answer stands; for the rest it is kept, and said instead wherever the model is late, breaks off, refuses or writes
nonsense before its first whole phrase. So a visitor never hears that a model failed.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Final

from runtime.core.clock import now
from runtime.core.messages import Phrase, UserTurn
from runtime.persona.brain import AFFECTS, Brain, closed
from runtime.persona.language.cleaning import Cleaned
from runtime.persona.language.cutting import Cutter
from runtime.persona.language.model import (
    MAX_ANSWER_CHARS,
    LanguageModel,
    Message,
    ModelFailed,
    Patience,
    Refused,
)
from runtime.persona.language.passages import Passage, Search, passage_of
from runtime.persona.language.prompt import RULES, messages
from runtime.persona.language.trust import Judge, act_of, feeling_of
from runtime.persona.memory import Context
from runtime.persona.persona import Persona
from runtime.persona.safety.injection import find_injection

log = logging.getLogger(__name__)

PASSAGES: Final = 4
OPEN_ACTS: Final = frozenset(("answer", "ask", "fallback"))
"""What the grounded brain says with any other act (a repair, a farewell, silence) is final."""
STALL_S: Final = 3.0
"""Once it is trusted, a model that writes nothing for so long has stopped."""
FIRST_REST_S: Final = 5.0
LONGEST_REST_S: Final = 60.0


class LanguageBrain:
    """Answers with a model, or with the grounded brain where that is better. Serves all sessions.

    After a failure the model rests, 5 s at first and twice as long after each further one, so that visitors don't wait
    for a service that is gone.
    """

    def __init__(
        self, persona: Persona, model: LanguageModel, grounded: Brain, search: Search, patience: Patience | None = None
    ) -> None:
        self._persona = persona
        self._model = model
        self._grounded = grounded
        self._search = search
        self._patience = patience or Patience()
        self._failures = 0
        self._rests_until_s = float("-inf")

    def greet(self) -> AsyncIterator[Phrase]:
        """See `Brain.greet`."""
        return self._grounded.greet()

    async def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        """See `Brain.respond`."""
        async with closed(self._grounded.respond(turn, context)) as stream:
            grounded = [phrase async for phrase in stream]
        said, texts = False, _readings(turn)
        is_open = bool(texts and grounded) and grounded[0].act in OPEN_ACTS
        if is_open and self._model.ready and now() >= self._rests_until_s:
            async with contextlib.aclosing(self._answer(texts, context)) as phrases:
                async for phrase in phrases:
                    said = True
                    yield phrase
        if not said:
            for phrase in grounded:
                yield phrase

    async def _answer(self, texts: Sequence[str], context: Context) -> AsyncGenerator[Phrase, None]:
        """Yield the model's phrases as far as they can be trusted; none where it fails before the first.

        The model is read by a task of its own: it is done with long before its words have been spoken.
        """
        found = self._search.find(texts, context, PASSAGES)
        passages = [passage for passage in found if not find_injection(passage.text, passage=True)]
        asked = messages(self._persona, texts[0], passages, context)
        trusted: asyncio.Queue[Cleaned | None] = asyncio.Queue()
        reader = asyncio.create_task(self._read(asked, trusted), name="read language model")
        try:
            while (piece := await trusted.get()) is not None:
                yield _phrase(piece, passages)
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _read(self, asked: Sequence[Message], trusted: asyncio.Queue[Cleaned | None]) -> None:
        """Put each piece of an answer that may be said into the queue, and None behind the last."""
        cutter, judge, said = Cutter(self._persona.name), Judge(RULES), False
        try:
            async with contextlib.aclosing(self._model.stream(asked)) as stream:
                async for pieces in self._pieces(stream, cutter):
                    for piece in pieces:
                        judge.check(piece.text)
                        trusted.put_nowait(piece)
                        said = True
            if not said:
                raise ModelFailed("it wrote nothing that can be said")
            self._failures = 0
        except Exception as error:
            if not isinstance(error, ModelFailed):
                log.exception("the language model failed in a way that is a mistake of ours")
            log.warning("the language model was left after %s: %s", "a phrase" if said else "nothing", error)
            if not said and not isinstance(error, Refused):
                self._rests_until_s = now() + min(FIRST_REST_S * 2**self._failures, LONGEST_REST_S)
                self._failures += 1
        finally:
            trusted.put_nowait(None)

    async def _pieces(self, stream: AsyncGenerator[str, None], cutter: Cutter) -> AsyncIterator[list[Cleaned]]:
        """Yield what is complete with each text of the stream, as long as it keeps to the times.

        Raises:
            ModelFailed: it is late, writes too much, or fails otherwise; what was not complete is lost.
        """
        begun_s, patience, chars, said = now(), self._patience, 0, False
        until_s = begun_s + patience.first_token_s
        while not cutter.over and (text := await _next(stream, until_s)) is not None:
            chars += len(text)
            if chars > MAX_ANSWER_CHARS:
                raise ModelFailed("it wrote more than is said")
            pieces = cutter.feed(text)
            yield pieces
            said = said or bool(pieces)
            until_s = min(begun_s + patience.whole_s, now() + STALL_S) if said else begun_s + patience.first_phrase_s
        yield cutter.finish()


async def _next(stream: AsyncGenerator[str, None], until_s: float) -> str | None:
    """Return the stream's next text, or None at its end. Raises ModelFailed where it does not come in time."""
    try:
        async with asyncio.timeout_at(until_s):
            text = await anext(stream, None)
    except TimeoutError:
        raise ModelFailed("it was late") from None
    if now() > until_s:
        raise ModelFailed("it was late")
    return text


def _readings(turn: UserTurn) -> list[str]:
    """Return what the visitor may have said, the likelier first."""
    readings = [text for text in (turn.text, turn.alternative) if text.strip()]
    return readings[::-1] if turn.doubtful else readings


def _phrase(piece: Cleaned, passages: Sequence[Passage]) -> Phrase:
    """Return a piece with its feeling, act and source."""
    passage = passage_of(piece.text, passages)
    feeling = piece.feeling or feeling_of(piece.text, passage.feeling if passage else "neutral")
    return Phrase(piece.text, AFFECTS[feeling], act_of(piece.text), passage.id if passage else "")
