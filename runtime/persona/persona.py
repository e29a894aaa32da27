"""A persona: who the character is and what it knows, read from a TOML file and checked."""

import itertools
import re
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from rapidfuzz import fuzz, process

from runtime.core.errors import UserError
from runtime.persona.graph.tables import read_tables
from runtime.persona.safety.limits import Limits

FOLDER: Final = Path(__file__).parents[2] / "assets" / "personas"
FILE_NAME: Final = "persona.toml"
MAX_FILE_BYTES: Final = 1_000_000
MAX_ENTRIES: Final = 2_000
MAX_SHOWN_MISTAKES: Final = 20
LIKELY_SCORE: Final = 62.0
"""Likeness, of 100, to a known question from which on a text counts as that question misheard."""

Line = Annotated[str, Field(min_length=1, max_length=200)]
Answer = Annotated[str, Field(min_length=1, max_length=1_000)]
Feeling = Literal["neutral", "warm", "calm", "happy", "sad", "concerned", "surprised", "curious", "angry"]
Sign = Literal[
    "open_palm", "fist", "point", "thumb_up", "thumb_down", "victory", "ok", "pinch",
    "wave", "swipe_left", "swipe_right", "circle_clockwise", "circle_counterclockwise",
]  # fmt: skip
Danger = Literal[
    "self_harm", "breathing", "unconscious", "chest_pain", "stroke", "bleeding", "poisoning", "allergic_shock",
    "injury", "help",
]  # fmt: skip
Action = Literal["stop", "yes", "no", "greet", "next", "back", "choose", "again", "nothing"]
GESTURES: Final[dict[Sign, Action]] = {
    "open_palm": "stop",
    "thumb_up": "yes",
    "ok": "yes",
    "thumb_down": "no",
    "wave": "greet",
    "swipe_left": "next",
    "swipe_right": "back",
    "point": "choose",
    "circle_clockwise": "again",
}
"""What a sign means where the persona's file says nothing else; others mean nothing."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(_Strict):
    """One thing the persona knows: how people ask for it, and the answer, spoken as it stands.

    What people say to take their leave (act "farewell") has no answer of its own: the closing words answer it.
    """

    id: Line
    questions: Annotated[tuple[Line, ...], Field(min_length=1, max_length=50)]
    answer: Answer | None = None
    topic: str = Field("", max_length=100)
    affect: Feeling = "neutral"
    act: Literal["answer", "greet", "farewell"] = "answer"

    @model_validator(mode="after")
    def _has_its_answer(self) -> Self:
        if (self.answer is None) != (self.act == "farewell"):
            raise ValueError('an entry needs an answer; one whose act is "farewell" has none: the closing words answer')
        return self


class PersonaVoice(_Strict):
    """How the persona speaks: a voice name of the backend ("" is its default), rate and pitch in semitones."""

    name: str = Field("", max_length=100)
    rate: float = Field(1.0, ge=0.5, le=2.0)
    pitch: float = Field(0.0, ge=-6.0, le=6.0)


class Openings(_Strict):
    """What is said first, once in a while, to a person who seems to feel so."""

    angry: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    sad: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    afraid: Annotated[tuple[Line, ...], Field(max_length=20)] = ()


class GraphOfKnowledge(_Strict):
    """A medical graph: the folder of its files beside persona.toml, and how its answers are given.

    `limits` is said with every answer; `most` is how many conditions one answer names.
    """

    folder: Line = "knowledge/graph"
    limits: Line = "I'm no doctor, and this is no diagnosis."
    most: int = Field(3, ge=1, le=5)


class EmergencyHelp(_Strict):
    """Where people in an emergency are sent: `call` whom to call, `helpline` in a crisis, `here` in the house.

    `words` may say it otherwise for a kind of emergency; {call} and {helpline} stand for the above.
    """

    call: Line = "112, 911 or your local emergency number"
    helpline: Line = "A crisis helpline of your country will also listen, day and night."
    here: str = Field("", max_length=200)
    words: dict[Danger, Answer] = Field(default_factory=dict)


class Persona(_Strict):
    """Who the character is and what it knows. Of greeting, fallbacks, not_heard and closing, one is said at a time."""

    name: Line
    place: str = Field("", max_length=200)
    manner: str = Field("", max_length=1_000)
    character: Line = "ada"
    language: Literal["en"] = "en"
    voice: PersonaVoice = Field(default_factory=lambda: PersonaVoice.model_validate({}))
    greeting: Annotated[tuple[Answer, ...], Field(min_length=1, max_length=20)]
    fallbacks: Annotated[tuple[Answer, ...], Field(min_length=1, max_length=20)]
    not_heard: Annotated[tuple[Answer, ...], Field(min_length=1, max_length=20)]
    closing: Annotated[tuple[Answer, ...], Field(min_length=1, max_length=20)]
    openings: Openings = Field(default_factory=Openings)
    gestures: dict[Sign, Action] = Field(default_factory=dict)
    approval: Annotated[tuple[Line, ...], Field(max_length=20)] = ("I'm glad.",)
    disapproval: Annotated[tuple[Line, ...], Field(max_length=20)] = ("I'm sorry. Shall I say it another way?",)
    limits: Limits = Field(default_factory=Limits)
    knowledge: Annotated[tuple[Entry, ...], Field(min_length=1, max_length=MAX_ENTRIES)]
    graph: GraphOfKnowledge | None = None
    emergency: EmergencyHelp | None = None

    def action(self, sign: str) -> Action:
        """Return what a sign of the hand means to this persona; "nothing" for one it doesn't know."""
        meant = GESTURES | self.gestures
        return next((action for known, action in meant.items() if known == sign), "nothing")

    @cached_property
    def phrases(self) -> tuple[str, ...]:
        """Every phrasing of every question, normalised: what visitors are likely to say."""
        return tuple(dict.fromkeys(normal(question) for entry in self.knowledge for question in entry.questions))

    def is_known_question(self, text: str) -> bool:
        """Whether a text already is a complete known question that no longer known question begins with."""
        words = normal(text)
        return words in self._complete

    def is_likely_question(self, text: str) -> bool:
        """Whether a text is a known question but for a word or two, and ends as a known question does."""
        words = normal(text)
        if tuple(words.split()[-2:]) not in self._endings or any(p.startswith(words) for p in self.phrases):
            return False
        return process.extractOne(words, self.phrases, scorer=fuzz.ratio, score_cutoff=LIKELY_SCORE) is not None

    @cached_property
    def _endings(self) -> frozenset[tuple[str, ...]]:
        return frozenset(tuple(phrase.split()[-2:]) for phrase in self.phrases if " " in phrase)

    @cached_property
    def _complete(self) -> frozenset[str]:
        ordered = sorted(self.phrases)
        open_ones = {a for a, b in itertools.pairwise(ordered) if b.startswith(a + " ")}
        return frozenset(ordered) - open_ones


def normal(text: str) -> str:
    """Return text in lower case, words alone, with contractions written out."""
    words = text.lower().replace("’", "'")
    words = re.sub(r"\b(what|where|who|when|how|that|there|it|here)'s\b", r"\1 is", words)
    words = re.sub(r"\b(i)'m\b", r"\1 am", words)
    words = re.sub(r"\b(you|we|they)'re\b", r"\1 are", words)
    return " ".join(re.findall(r"[a-z0-9]+(?:'[a-z]+)*", words))


def find_persona(name: str) -> Path:
    """Return the file of a persona: a name in assets/personas, a folder, or a file.

    Raises:
        UserError: there is none.
    """
    given = Path(name)
    for path in (given, given / FILE_NAME, FOLDER / name / FILE_NAME):
        if path.is_file():
            return path
    known = ", ".join(sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir())) if FOLDER.is_dir() else ""
    raise UserError(f"There is no persona {name!r}.", f"Give a file, or one of: {known}.")


def load_persona(path: Path) -> Persona:
    """Read and check a persona file.

    Raises:
        UserError: it can't be read or is wrong; every mistake is named with its line.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UserError(
                f"{path} is over {MAX_FILE_BYTES // 1000} kB.", "Split what it knows over several personas."
            )
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} can't be read: {error}.", "Check the path, and that it is UTF-8 text.") from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path} is not valid TOML: {error}.", "Mend that line.") from error
    try:
        persona = Persona.model_validate(values)
    except ValidationError as error:
        found = [_mistake(path, text, item["loc"], item["msg"]) for item in error.errors()[:MAX_SHOWN_MISTAKES]]
        raise UserError("\n".join(found), "Mend these and try again.") from error
    _check_repeats(path, text, persona)
    if persona.graph is not None:
        read_tables(path.parent / persona.graph.folder)
    return persona


def _check_repeats(path: Path, text: str, persona: Persona) -> None:
    seen: dict[str, str] = {}
    ids: set[str] = set()
    for index, entry in enumerate(persona.knowledge):
        if entry.id in ids:
            raise UserError(_mistake(path, text, ("knowledge", index, "id"), f"the id {entry.id!r} is used twice"))
        ids.add(entry.id)
        for question in map(normal, entry.questions):
            other = seen.setdefault(question, entry.id)
            if other != entry.id:
                reason = f"{question!r} is also a question of {other!r}"
                raise UserError(_mistake(path, text, ("knowledge", index, "questions"), reason))


def _mistake(path: Path, text: str, place: tuple[int | str, ...], reason: str) -> str:
    """Say where in the file a mistake is: the line of the innermost table or key that can be found."""
    lines = text.splitlines()
    line = 1
    for position, part in enumerate(place):
        if isinstance(part, int):
            tables = [i for i, words in enumerate(lines) if words.strip() == f"[[{place[position - 1]}]]"]
            line = tables[part] + 1 if part < len(tables) else line
        else:
            key = re.compile(rf"\s*(\[+\s*)?{re.escape(part)}\b")
            line = next((i + 1 for i in range(line - 1, len(lines)) if key.match(lines[i])), line)
    return f"{path}, line {line}: {'.'.join(map(str, place))}: {reason}."
