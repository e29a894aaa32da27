"""A persona's first files, from the few things that its owner tells of it."""

import csv
import io
import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runtime.core.errors import UserError
from runtime.persona.knowledge.folder import NAME as KNOWLEDGE
from runtime.persona.persona import FILE_NAME, Persona, load_persona, normal
from runtime.persona.scoring import NONE, TEST_FILE

ANSWERS: Final = "answers.csv"
MAX_NAME_CHARS: Final = 40
MAX_SLUG_CHARS: Final = 60
_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_UNRELATED: Final = "what is the capital of peru"
_USUAL: Final = {
    "goodbye": ("goodbye", "bye bye", "see you later", "that is all thank you"),
    "thanks": ("thank you", "thanks a lot", "that was helpful"),
}
USUAL_QUESTIONS: Final = tuple(question for questions in _USUAL.values() for question in questions)
"""What every new persona knows already."""
_FILE: Final = """\
# {place}: who the character is. What it knows lies in the folder knowledge.
# docs/make-your-own-persona.md tells what may stand here; `python -m runtime persona check` names mistakes.

name = {name}
place = {place_text}
manner = {manner}
character = {character}
language = {language}

greeting = [{greeting}]
fallbacks = [
  {fallback},
  "I'm afraid I have no answer to that. May I help you with something else?",
]
not_heard = ["Sorry, I didn't catch that. Could you say it again?", "Would you say that once more, please?"]
closing = ["Goodbye, and thank you for coming.", "Goodbye. See you again soon."]

# The voice: "" is the best one of the machine; rate 0.5 to 2, pitch -6 to 6 semitones.
[voice]
name = {voice}
rate = 1.0
pitch = 0.0

[[knowledge]]
id = "goodbye"
act = "farewell"    # has no answer of its own: the closing words are said
questions = [{goodbye}]

[[knowledge]]
id = "thanks"
questions = [{thanks}]
answer = "You're welcome."
affect = "warm"
"""
_RULE: Final = """
[[limits.rules]]
name = "what this house does not talk about"
never_discuss = [{topics}]
instead = {instead}
"""


@dataclass(frozen=True)
class Answer:
    """What is asked, in several ways, and the answer to it."""

    questions: Sequence[str]
    answer: str


@dataclass(frozen=True)
class Draft:
    """What an owner tells of a persona; `never_discuss` are the words of what it doesn't talk about."""

    place: str
    name: str
    manner: str
    character: str
    language: str
    voice: str
    greeting: str
    answers: Sequence[Answer]
    never_discuss: Sequence[str] = ()


def check_name(name: str) -> None:
    """Raise UserError where a persona can't be called so."""
    if len(name) > MAX_NAME_CHARS or not _NAME.fullmatch(name):
        remedy = "Use small letters and digits, with - between words: my-museum."
        raise UserError(f"A persona can't be called {name[: MAX_NAME_CHARS + 1]!r}.", remedy)


def already_there(folder: Path) -> UserError:
    """Return the error for a persona that would be written over."""
    return UserError(f"{folder} is there already.", "Nothing is written over: take another name.")


def write_draft(draft: Draft, folder: Path) -> Persona:
    """Write a new persona's folder and return the persona as it was read back.

    Raises:
        UserError: the folder is there already, can't be written, or what was told makes no persona; nothing is left.
    """
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise already_there(folder) from None
    except OSError as error:
        raise UserError(f"{folder} can't be made: {error.strerror}.", "Name another folder with --into.") from None
    try:
        _write(draft, folder)
        persona = load_persona(folder / FILE_NAME)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise UserError(f"{folder} can't be written: {error.strerror}.", "Name another folder with --into.") from None
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return persona


def _write(draft: Draft, folder: Path) -> None:
    (folder / KNOWLEDGE).mkdir()
    (folder / FILE_NAME).write_text(_toml(draft), encoding="utf-8")
    ids = _ids(draft.answers)
    rows = [(one, "|".join(a.questions), a.answer) for one, a in zip(ids, draft.answers, strict=True)]
    (folder / KNOWLEDGE / ANSWERS).write_text(_csv([("id", "question", "answer"), *rows]), encoding="utf-8")
    tests = [(a.questions[0], one) for one, a in zip(ids, draft.answers, strict=True)]
    (folder / TEST_FILE).write_text(_csv([("question", "expected"), *tests, (_UNRELATED, NONE)]), encoding="utf-8")


def _toml(draft: Draft) -> str:
    text = _FILE.format(
        place=draft.place,
        name=_quoted(draft.name),
        place_text=_quoted(draft.place),
        manner=_quoted(draft.manner),
        character=_quoted(draft.character),
        language=_quoted(draft.language),
        greeting=_quoted(draft.greeting),
        fallback=_quoted(f"I don't know that. Ask me about {draft.place}, and I will do my best."),
        voice=_quoted(draft.voice),
        **{name: ", ".join(map(_quoted, questions)) for name, questions in _USUAL.items()},
    )
    if draft.never_discuss:
        instead = _quoted("That's nothing I talk about here. Is there something else I can do for you?")
        text += _RULE.format(topics=", ".join(map(_quoted, draft.never_discuss)), instead=instead)
    return text


def _quoted(text: str) -> str:
    """Return printable text as a string of TOML, which JSON's are."""
    return json.dumps(text, ensure_ascii=False)


def _csv(rows: Sequence[Sequence[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()


def _ids(answers: Sequence[Answer]) -> list[str]:
    """Return a name for each answer, from the words of its first question."""
    ids: list[str] = []
    for number, answer in enumerate(answers, 1):
        slug = normal(answer.questions[0]).replace("'", "").replace(" ", "-")[:MAX_SLUG_CHARS]
        ids.append(slug if slug not in (*ids, *_USUAL) else f"{slug}-{number}")
    return ids
