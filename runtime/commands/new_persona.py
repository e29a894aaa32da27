"""`python -m runtime persona new NAME`: its questions, answered by flags, at a terminal, or by the lines of a pipe."""

import argparse
import functools
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

from runtime.core.errors import UserError

if TYPE_CHECKING:
    from runtime.persona.drafting import Answer, Draft

MAX_CHARS: Final = 1_000
MAX_QUESTION_CHARS: Final = 200
MAX_LINE_CHARS: Final = 5_000
MAX_ANSWERS: Final = 5
Check = Callable[[str], str]
"""Returns what is wrong with an answer, or ""."""


class Interview:
    """Asks, and takes the first answer that will do; a flag or a pipe has one try only."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._args = args
        self._terminal = sys.stdin.isatty()

    def ask(self, flag: str, words: str, default: str | None, check: Check = lambda text: "", most: int = 200) -> str:
        """Return the answer: what the flag says, else what is told to a question; `default` where that is nothing.

        Raises:
            UserError: a flag's or pipe's answer won't do, or the answers have ended.
        """
        given = getattr(self._args, flag)
        if given is None and self._args.yes:
            given = ""
        return self.judged(words, default, check, most, given, f"--{flag}")

    def judged(
        self, words: str, default: str | None, check: Check, most: int, given: str | None = None, where: str = ""
    ) -> str:
        """Do what `ask` does; what is given is told already, `where` names it."""
        while True:
            text = " ".join((self._read(words, default) if given is None else given).split()) or default or ""
            wrong = _wrong(text, default, check, most)
            if not wrong:
                return text
            if given is not None or not self._terminal:
                where = where if given is not None else f"The answer to {words!r}"
                raise UserError(f"{where} won't do: {wrong}.", "Nothing was written.")
            print(f"  That won't do: {wrong}.")

    def _read(self, words: str, default: str | None) -> str:
        try:
            if not self._terminal:
                return sys.stdin.readline(MAX_LINE_CHARS)
            return input(f"{words}{f' [{default}]' if default else ''} ")
        except EOFError:
            raise UserError("The questions were not answered.", "Nothing was written.") from None
        except UnicodeDecodeError:
            raise UserError(f"The answer to {words!r} is not UTF-8.", "Nothing was written.") from None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `persona new`."""
    parser.add_argument("name", help="what its folder is called: small letters, digits and -")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="where its folder is made; default assets/personas")
    for flag, purpose in (
        ("place", "what the place is called"),
        ("called", "what the character is called"),
        ("manner", "how it speaks with people, in a few words"),
        ("character", "a character of assets/avatars, or a pack"),
        ("voice", "a voice; without one the best of the machine"),
        ("language", "the language it speaks"),
        ("greeting", "what it says first; it has to say that it is an AI"),
        ("never", "what it does not talk about: words, with | between"),
    ):
        parser.add_argument(f"--{flag}", metavar="TEXT", help=purpose)
    parser.add_argument(
        "--answer", nargs=2, action="append", metavar=("QUESTION", "ANSWER"),
        help="something it knows, up to five times; other ways to ask with | between",
    )  # fmt: skip
    parser.add_argument("--yes", action="store_true", help="ask nothing: what no flag tells is as usual")


def run(args: argparse.Namespace) -> int:
    """Ask what no flag tells, and write the persona; return the exit status."""
    from runtime.persona.drafting import already_there, check_name, write_draft
    from runtime.persona.persona import FOLDER

    check_name(args.name)
    folder = (args.into or FOLDER) / args.name
    if folder.exists():
        raise already_there(folder)
    persona = write_draft(_interviewed(args), folder)
    known = args.name if args.into is None else str(folder)
    print(
        f"{persona.name} is written to {folder}.\n"
        f"  persona.toml            who the character is\n"
        f"  knowledge/answers.csv   what it knows: open it in any spreadsheet, and add lines\n"
        f"  test.csv                questions to test it with\n"
        f"Check it:     python -m runtime persona check {known}\n"
        f"Test it:      python -m runtime persona test {known}\n"
        f"Talk to it:   python -m runtime --persona {known}"
    )
    return 0


def _interviewed(args: argparse.Namespace) -> "Draft":
    from runtime.persona.drafting import Draft
    from runtime.persona.persona import Persona

    ask = Interview(args).ask
    place = ask("place", "What is the place called?", None, most=100)
    name = ask("called", "What is the character called?", "Ada", most=100)
    manner = "warm, brief, precise; says so when it does not know"
    manner = ask("manner", "How does it speak with people?", manner, most=MAX_CHARS)
    characters, voices = _characters(), _voices()
    words = f"Which character is it ({', '.join(characters)})?"
    character = ask("character", words, characters[0], _check_character)
    words = f"Which voice ({', '.join(voices)}; nothing takes the best of the machine)?"
    voice = ask("voice", words, "", lambda text: _one_of(text.partition("+")[0], voices))
    languages = get_args(Persona.model_fields["language"].annotation)
    language = languages[0]
    if len(languages) > 1 or args.language:
        words = f"Which language ({', '.join(languages)})?"
        language = ask("language", words, language, lambda text: _one_of(text, languages))
    greeting = f"Hello, I'm {name}, the AI host of {place}. How may I help you?"
    greeting = ask("greeting", "What does it say first?", greeting, _check_greeting, MAX_CHARS)
    answers = _answers(args)
    words = "What does it not talk about (words, with | between; or nothing)?"
    never = ask("never", words, "", _check_topics, MAX_CHARS)
    return Draft(place, name, manner, character, language, voice, greeting, answers, _parts(never))


def _answers(args: argparse.Namespace) -> "list[Answer]":
    """Return what it knows: what the flags tell, or up to five things that are asked for."""
    from runtime.persona.drafting import USUAL_QUESTIONS, Answer

    interview = Interview(args)
    told: list[list[str] | list[None]] = args.answer or ([] if args.yes else [[None, None]] * MAX_ANSWERS)
    if len(told) > MAX_ANSWERS:
        raise UserError(f"--answer is given {len(told)} times.", f"Give {MAX_ANSWERS}; add the others to answers.csv.")
    found: list[Answer] = []
    for number, (question, answer) in enumerate(told, 1):
        taken = [*USUAL_QUESTIONS, *(words for one in found for words in one.questions)]
        words = f"Question {number} of {MAX_ANSWERS}, as visitors ask it (other ways with | between; or nothing)?"
        check = functools.partial(_check_questions, taken)
        asked = interview.judged(words, "", check, MAX_CHARS, question, "--answer")
        if not asked:
            break
        words = "Its answer, as it is said aloud?"
        found.append(Answer(_parts(asked), interview.judged(words, None, _check_answer, MAX_CHARS, answer, "--answer")))
    return found


# ------------------------------------------------------------ what will do


def _wrong(text: str, default: str | None, check: Check, most: int) -> str:
    if not text:
        return "it may not be empty" if default is None else ""
    if len(text) > most:
        return f"it is over {most} characters"
    return check(text) if text.isprintable() else "it holds signs that can't be shown"


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())


def _one_of(text: str, known: Sequence[str]) -> str:
    return "" if text in known else f"there are {', '.join(known)}"


def _characters() -> list[str]:
    from runtime.avatar.pack import AVATARS

    return sorted(path.name for path in AVATARS.iterdir() if (path / "manifest.json").is_file())


def _check_character(text: str) -> str:
    from runtime.avatar.pack import find_pack, open_pack

    try:
        open_pack(find_pack(text))
    except UserError as error:
        return error.what.rstrip(".")
    return ""


def _voices() -> list[str]:
    from runtime.voice.espeak_library import VOICES as ESPEAK
    from runtime.voice.flite import VOICES as FLITE

    return [*FLITE, *ESPEAK]


def _check_greeting(text: str) -> str:
    from runtime.persona.safety.identity import says_it_is_artificial

    return "" if says_it_is_artificial(text) else "a greeting says that it is an AI"


def _check_questions(before: Sequence[str], text: str) -> str:
    from runtime.persona.persona import normal

    taken = {normal(question) for question in before}
    for question in _parts(text):
        words = normal(question)
        if not words:
            return f"{question!r} has no words"
        if len(question) > MAX_QUESTION_CHARS:
            return f"{question[:30]!r} ... is over {MAX_QUESTION_CHARS} characters"
        if words in taken:
            return f"{question!r} is asked twice"
        taken.add(words)
    return "" if _parts(text) else "it has no words"


def _check_answer(text: str) -> str:
    from runtime.persona.knowledge.slots import check_slots
    from runtime.persona.safety.leaks import Leaks
    from runtime.persona.safety.limits import Limits
    from runtime.persona.safety.outgoing import Outgoing

    try:
        check_slots(text, {})
    except UserError as error:
        return error.what.rstrip(".")
    finding = Outgoing(Limits(), Leaks("")).judge(text)
    return "" if finding is None else f"it would never be said, see docs/keep-it-safe.md: {finding.kind}"


def _check_topics(text: str) -> str:
    return "" if all(re.search(r"\w.*\w", part) for part in _parts(text)) else "each needs two letters at least"
