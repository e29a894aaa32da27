"""The whole engine with a tiny language model in a process of its own, and with a service that is not there."""

from pathlib import Path
from typing import Any

from runtime.core.clock import run_simulated
from runtime.core.device import PROFILES
from runtime.core.settings import load_settings
from runtime.engine import Engine
from runtime.persona.persona import find_persona, load_persona
from runtime.session import Session
from runtime.talk import Talk

ASKED = "where are the toilets"


def answered(**settings: Any) -> tuple[str, str]:
    """Return the brain that the engine names, and its answer to `ASKED`."""

    async def talk() -> tuple[str, str]:
        quiet = {"camera": False, "emotion": False}
        async with Engine(load_settings({**quiet, **settings}, {}), PROFILES["edge"]) as engine:
            await engine.until_thinking()
            session = await engine.open_session()
            assert isinstance(session, Session)
            report = await Talk(session, None).with_texts([ASKED])
            await session.close()
            backends = engine.status()["backends"]
            assert isinstance(backends, dict)
            return str(backends["brain"]), next(turn.answer for turn in report.turns if turn.question == ASKED)

    return run_simulated(talk())


def test_the_language_model_answers(tiny: Path) -> None:
    said = "The toilets are behind these stairs. A lift goes down there too!"
    assert answered(llm_model=str(tiny)) == ("transformers", said)


def test_without_its_service_the_persona_answers() -> None:
    knowledge = load_persona(find_persona("concierge")).knowledge
    known = next(entry.answer for entry in knowledge if ASKED in entry.questions)
    assert answered(llm_url="http://127.0.0.1:9", llm_model="gone") == ("openai", known)
