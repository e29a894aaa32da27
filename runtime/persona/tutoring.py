"""A quiz in the conversation: asks, judges answers as they were heard, hints, tells the score, and is taken up again.

Nothing is kept here. Each phrase has as its source where the quiz stands once it is said, so that what is remembered of
the quiz is what was heard of it.
"""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Final

from runtime.core.messages import Phrase, UserTurn
from runtime.persona.brain import Brain, closed, phrases_of
from runtime.persona.judging import is_right
from runtime.persona.knowledge.folder import Quiz
from runtime.persona.memory import Context, Exchange
from runtime.persona.persona import Persona, normal

PREFIX: Final = "quiz:"
"""What the source of everything that the quiz says begins with."""
MAX_ASIDES: Final = 1
"""So many questions in a row may be asked between; after one more the quiz waits until it is asked for."""
COMMANDS: Final = (
    "quiz me", "quiz me please", "please quiz me", "quiz", "start the quiz", "i want a quiz", "let's do the quiz",
    "test me", "ask me a question", "next question", "next", "skip", "skip this one", "i give up", "tell me the answer",
    "give me a hint", "can i have a hint", "a hint please", "hint", "i don't know", "no idea", "say the question again",
    "what was the question", "what is my score", "my score", "how am i doing", "stop the quiz", "stop",
    "go on with the quiz", "go on", "start again",
)  # fmt: skip
_FRAMES: Final = ("is it {}", "it is {}", "i think it is {}")
_WANTED: Final = {
    "end": re.compile(r"\b(?:stop|quit|end the quiz|enough|no more|i am done|finish(?:ed)?)\b"),
    "anew": re.compile(
        r"\b(?:start (?:again|over|anew)|from the (?:start|beginning)|(?:new|another) quiz|quiz again)\b"
    ),
    "score": re.compile(
        r"\b(?:(?:my|the) (?:score|points)|how am i doing|how did i do|how many (?:points|right|did i get|have i))\b"
    ),
    "repeat": re.compile(
        r"\b(?:repeat|say (?:it|that|the question) again|what was the question|once more|pardon|come again)\b"
    ),
    "begin": re.compile(
        r"\b(?:quiz me|test me|ask me (?:a|another|some|more) questions?"
        r"|(?:start|begin|do|play|take|try|want|have|make) (?:a|the|your) quiz)\b|^(?:a |the )?quiz(?: please)?$"
    ),
    "next": re.compile(r"^(?:the )?(?:next|another)(?: question| one)?\b"),
    "skip": re.compile(r"\b(?:skip|give up|(?:tell|give) me the answer|what is the answer|pass)\b|^what is it$"),
    "unsure": re.compile(r"\b(?:(?:don't|do not) know|no (?:idea|clue)|not sure|dunno)\b"),
    "hint": re.compile(r"\b(?:hint|clue|help)\b"),
    "go on": re.compile(r"\b(?:go on|continue|carry on|keep going)\b"),
}
"""What people want of a quiz besides answering; what stands first is looked for first."""
_ASKS: Final = re.compile(
    r"^(?:what|why|how|who|where|when|which|can|could|do|does|did|are|is there|will|tell me|explain)\b"
)
_RIGHT: Final = ("Right.", "Exactly.", "Well done.", "That is it.")
_TAKEN_UP_AFTER: Final = frozenset(("answer", "fallback", "greet"))


@dataclass(frozen=True)
class Standing:
    """Where the quiz stands: the number of its question, from 0; points; questions judged; and of this question
    the wrong answers and hints, and what was asked in between. `waits`: an answer to the question is waited for.
    """

    number: int = 0
    right: int = 0
    judged: int = 0
    tries: int = 0
    asides: int = 0
    waits: bool = False

    @property
    def source(self) -> str:
        """It as the source of a phrase."""
        return PREFIX + ":".join(str(int(value)) for value in astuple(self))


class Tutoring:
    """Answers what belongs to the persona's quiz; every other turn is the inner brain's, and the quiz goes on after."""

    def __init__(self, brain: Brain, persona: Persona) -> None:
        self._brain = brain
        self._quiz = persona.quiz
        self._known = frozenset(normal(question) for entry in persona.knowledge for question in entry.questions)

    def greet(self) -> AsyncIterator[Phrase]:
        """See `Brain.greet`."""
        return self._brain.greet()

    async def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        """See `Brain.respond`."""
        place, at = self._standing(context.exchanges)
        words = normal(turn.text)
        own = self._in_quiz(turn, words, at, context.exchanges[place:]) if at.waits else self._outside(words, at)
        if own is not None:
            for phrase in own:
                yield phrase
            return
        act = ""
        async with closed(self._brain.respond(turn, context)) as stream:
            async for phrase in stream:
                act = phrase.act
                yield phrase
        if at.waits and act in _TAKEN_UP_AFTER:
            for phrase in self._taken_up(at):
                yield phrase

    def _standing(self, exchanges: Sequence[Exchange]) -> tuple[int, Standing]:
        """Return the last exchange from which the quiz is known, by its place, and where it stood then."""
        for place in range(len(exchanges) - 1, -1, -1):
            if exchanges[place].source.startswith(PREFIX):
                at = read_standing(exchanges[place].source)
                return place, at if at.number < len(self._quiz) or not at.waits else Standing()
        return 0, Standing()

    def _outside(self, words: str, at: Standing) -> Sequence[Phrase] | None:
        """Return what is said where no answer is waited for; None leaves it to the inner brain."""
        wanted = _wanted(words)
        begun = at != Standing()
        if wanted == "score" and begun:
            return _say(_score(at), at)
        if wanted in ("begin", "next", "go on") and begun and at.number < len(self._quiz):
            return self._ask("We go on where we stopped.", replace(at, asides=0))
        if wanted == "begin" or (wanted == "anew" and begun):
            return self._ask("Good, let's begin.", Standing())
        return None

    def _in_quiz(self, turn: UserTurn, words: str, at: Standing, since: Sequence[Exchange]) -> Sequence[Phrase] | None:
        """Return what is said while an answer is waited for; None leaves it to the inner brain.

        `since` are the exchanges from the last one on that was the quiz's.
        """
        if not words:
            return None
        quiz = self._quiz[at.number]
        asked = at.tries > 0 or _beginning(quiz.ask) in since[0].heard
        readings = (words, normal(turn.alternative)) if turn.doubtful else (words,)
        if asked and any(is_right(reading, quiz) for reading in readings):
            praise = _RIGHT[at.number % len(_RIGHT)]
            return self._next(f"{praise} {quiz.explain}", replace(at, right=at.right + 1), "happy")
        if wanted := _wanted(words):
            return self._do(wanted, quiz, at, asked)
        if words in self._known or _ASKS.match(words) or any(one.source for one in since[1:]):
            return None
        if not asked:
            return self._ask("Here is the question.", at)
        if not at.tries:
            begin = "I may have misheard you." if turn.doubtful else "Not quite."
            return _say(f"{begin} {quiz.hint}", replace(at, tries=1), "curious")
        return self._next(f"Not this time. {quiz.explain}", at)

    def _do(self, wanted: str, quiz: Quiz, at: Standing, asked: bool) -> Sequence[Phrase]:
        """Return what is said to somebody who wants something of the quiz; `asked`: they have heard the question."""
        if wanted == "end":
            return _say(f"All right, we stop here. {_score(at)}", replace(at, waits=False))
        if wanted == "anew":
            return self._ask("Once more from the beginning.", Standing())
        if wanted == "score":
            return self._ask(f"{_score(at)} Here is the question again.", at)
        if wanted in ("repeat", "begin", "go on") or not asked:
            return self._ask("Here is the question.", at)
        if wanted in ("next", "skip") or (wanted == "unsure" and at.tries):
            return self._next(f"All right. {quiz.explain}", at)
        return _say(f"Here is a hint. {quiz.hint}", replace(at, tries=at.tries + 1))

    def _taken_up(self, at: Standing) -> Sequence[Phrase]:
        """Return what leads back to the quiz after something else was asked."""
        if at.asides < MAX_ASIDES:
            return self._ask("Now back to our quiz.", replace(at, asides=at.asides + 1))
        return _say("When you like, say: go on with the quiz.", replace(at, waits=False))

    def _next(self, said: str, at: Standing, feeling: str = "warm") -> Sequence[Phrase]:
        """Return what is said of a question that is done with, and the next question."""
        at = Standing(at.number + 1, at.right, at.judged + 1)
        if at.number < len(self._quiz):
            return self._ask(said, at, feeling)
        over = f"That was the last question. {_score(at)} If you want to try once more, say start again."
        return [*_say(said, at, feeling), *_say(over, at)]

    def _ask(self, lead: str, at: Standing, feeling: str = "warm") -> Sequence[Phrase]:
        """Return a question with what is said before it, so that who interrupts the question has still heard of it."""
        at = replace(at, waits=True)
        return [*_say(lead, at, feeling), *phrases_of(self._quiz[at.number].ask, "curious", "ask", at.source)]


def quiz_phrases(quiz: Sequence[Quiz]) -> tuple[str, ...]:
    """Return what is likely to be said in a quiz besides its plain answers: what a recogniser should listen for."""
    answers = dict.fromkeys(normal(answer) for question in quiz for answer in question.accept)
    return (*COMMANDS, *(frame.format(answer) for answer in answers for frame in _FRAMES)) if quiz else ()


def read_standing(source: str) -> Standing:
    """Return where a quiz stands by the source of a phrase; that of other phrases is no quiz."""
    found = re.fullmatch(PREFIX + r"(\d+):(\d+):(\d+):(\d+):(\d+):([01])", source)
    if found is None:
        return Standing()
    number, right, judged, tries, asides, waits = map(int, found.groups())
    return Standing(number, right, judged, tries, asides, bool(waits))


def _wanted(words: str) -> str:
    return next((name for name, pattern in _WANTED.items() if pattern.search(words)), "")


def _say(text: str, at: Standing, feeling: str = "warm") -> list[Phrase]:
    return phrases_of(text, feeling, "answer", at.source)


def _score(at: Standing) -> str:
    return f"You have {at.right} of {at.judged} right." if at.judged else "You have answered no question yet."


def _beginning(text: str) -> str:
    """Return the words by which it is known that a question was heard, as far as it needs."""
    return " ".join(text.split()[:3])
