"""A quiz in the conversation: asks, judges the answer, hints, and keeps the score in what has been said."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rapidfuzz import fuzz

from runtime.core.messages import Phrase, UserTurn
from runtime.persona.brain import Brain, phrases_of
from runtime.persona.knowledge.folder import Quiz
from runtime.persona.memory import Context
from runtime.persona.persona import Persona, normal

ALIKE: Final = 86.0
"""Likeness, of 100, from which on an answer counts as one that is accepted."""
_BEGIN: Final = re.compile(
    r"\b(quiz me|test me|ask me (a|another|some)|start (the|a) quiz|begin the quiz|next question|another question"
    r"|(go on|continue|carry on) with the quiz|let us do the quiz|let's do the quiz|do a quiz|i want a quiz)\b"
)
_SCORE: Final = re.compile(r"\b(my score|the score|how am i doing|how many (points|right)|how did i do)\b")
_HINT: Final = re.compile(r"\b(hint|clue|help me|i don't know|i do not know|no idea|not sure|dunno)\b")
_SKIP: Final = re.compile(r"\b(skip|give up|tell me the answer|what is the answer|next|pass)\b")
_END: Final = re.compile(r"\b(stop|end the quiz|enough|finish|no more|i am done|quit)\b")
_ASKS: Final = re.compile(r"^(what|why|how|who|where|when|which|can you|could you|tell me|explain|goodbye|bye|thank)\b")
_NOT: Final = frozenset(("not", "no", "never", "isn't", "don't"))
_NUMBERS: Final = {
    str(n): word for n, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
}


@dataclass(frozen=True)
class Standing:
    """Where the quiz stands: the question, points, questions judged, tries at this one, and if it waits."""

    number: int = -1
    right: int = 0
    judged: int = 0
    tries: int = 0
    open: bool = False

    def source(self) -> str:
        """Return it as the source of a phrase: what was heard of the quiz is what is remembered of it."""
        return f"quiz:{self.number}:{self.right}:{self.judged}:{self.tries}:{int(self.open)}"


class Tutoring:
    """Answers what belongs to the persona's quiz; every other turn is the inner brain's. It keeps nothing itself."""

    def __init__(self, brain: Brain, persona: Persona) -> None:
        self._brain = brain
        self._quiz = persona.quiz

    def greet(self) -> AsyncIterator[Phrase]:
        """See `Brain.greet`."""
        return self._brain.greet()

    async def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        """See `Brain.respond`."""
        phrases = self.answer(turn.text, context)
        if phrases is None:
            async for phrase in self._brain.respond(turn, context):
                yield phrase
            return
        for phrase in phrases:
            yield phrase

    def answer(self, text: str, context: Context) -> Sequence[Phrase] | None:
        """Return what is said to a turn that belongs to the quiz; None for every other."""
        words = normal(text)
        sources = [e.source for e in context.exchanges]
        at = _standing(next((s for s in reversed(sources) if s.startswith("quiz:")), ""))
        if not words or not self._quiz:
            return None
        if _SCORE.search(words):
            return self._tell(_score(at), replace(at, open=False))
        waits = at.open and sources[-1].startswith("quiz:") and at.number < len(self._quiz)
        if _BEGIN.search(words):
            return self._next(replace(at, judged=at.judged + waits), "" if at.judged or waits else "Good, let's begin.")
        if not waits:
            return None
        return self._judged(words, at)

    def _judged(self, words: str, at: Standing) -> Sequence[Phrase] | None:
        quiz = self._quiz[at.number]
        if is_right(words, quiz):
            done = replace(at, right=at.right + 1, judged=at.judged + 1)
            return self._next(done, f"{('Right.', 'Exactly.', 'Well done.')[at.number % 3]} {quiz.explain}", "happy")
        if _END.search(words):
            return self._tell(f"All right, we stop here. {_score(at)}", replace(at, open=False))
        if _SKIP.search(words):
            return self._next(replace(at, judged=at.judged + 1), quiz.explain)
        if _HINT.search(words) and at.tries == 0:
            return self._tell(f"Here is a hint. {quiz.hint}", replace(at, tries=1))
        if _ASKS.match(words):
            return None
        if at.tries == 0:
            return self._tell(f"Not quite. {quiz.hint}", replace(at, tries=1), "curious")
        return self._next(replace(at, judged=at.judged + 1), f"Not this time. {quiz.explain}", "warm")

    def _next(self, at: Standing, before: str, feeling: str = "warm") -> Sequence[Phrase]:
        number = at.number + 1
        told = self._tell(before, replace(at, open=False), feeling) if before else []
        if number >= len(self._quiz):
            over = Standing(-1, 0, 0)
            return [*told, *self._tell(f"That was the last question. {_score(at)}", over)]
        return [*told, *self._tell(self._quiz[number].ask, replace(at, number=number, tries=0, open=True), "curious")]

    @staticmethod
    def _tell(text: str, at: Standing, feeling: str = "warm") -> list[Phrase]:
        return phrases_of(text, feeling, "answer", at.source())


def is_right(words: str, quiz: Quiz) -> bool:
    """Whether an answer, normalised, is one of those that a question accepts."""
    said = [_NUMBERS.get(word, word) for word in words.split()]
    for accepted in quiz.accept:
        wanted = [_NUMBERS.get(word, word) for word in normal(accepted).split()]
        if (_NOT & set(said)) - set(wanted):
            continue
        if _holds(said, wanted) or fuzz.ratio(" ".join(said), " ".join(wanted)) >= ALIKE:
            return True
    return False


def _holds(said: Sequence[str], wanted: Sequence[str]) -> bool:
    return any(list(said[i : i + len(wanted)]) == list(wanted) for i in range(len(said) - len(wanted) + 1))


def _score(at: Standing) -> str:
    if not at.judged:
        return "You have answered no question yet. Say quiz me, and we begin."
    return f"You have {at.right} of {at.judged} right."


def _standing(source: str) -> Standing:
    found = re.fullmatch(r"quiz:(-?\d+):(\d+):(\d+):(\d+):([01])", source)
    if found is None:
        return Standing()
    number, right, judged, tries, is_open = map(int, found.groups())
    return Standing(number, right, judged, tries, bool(is_open))
