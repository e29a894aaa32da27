"""Which brain is taken."""

import importlib.util

import pytest

from runtime.core.errors import UserError
from runtime.core.settings import load_settings
from runtime.persona.backends import BRAINS, available, open_brain, open_model
from runtime.persona.grounded import GroundedBrain
from runtime.persona.language.brain import LanguageBrain
from runtime.persona.language.openai import OpenAiModel
from runtime.persona.persona import find_persona, load_persona

PERSONA = load_persona(find_persona("concierge"))
URL = "http://127.0.0.1:9"
INSTALLED = importlib.util.find_spec("torch") is not None and importlib.util.find_spec("transformers") is not None


def ready(**options: str) -> dict[str, bool]:
    return {state.name: state.ready for state in available(options)}


def test_a_language_model_is_ready_where_it_was_named() -> None:
    assert ready() == {"openai": False, "transformers": False, "retrieval": True}
    assert ready(llm_url=URL, llm_model="x") == {"openai": True, "transformers": False, "retrieval": True}
    assert ready(llm_model="x") == {"openai": False, "transformers": INSTALLED, "retrieval": True}


def test_every_brain_that_is_not_ready_says_what_to_do() -> None:
    assert all(state.ready or state.remedy for state in available())
    assert {state.name for state in available()} == {*BRAINS} - {"auto"}


def test_the_best_one_is_taken() -> None:
    assert open_model("auto") is None
    assert open_model("retrieval", {"llm_url": URL}) is None
    assert isinstance(open_model("auto", {"llm_url": URL}), OpenAiModel)
    assert isinstance(open_model("openai", {"llm_url": URL}), OpenAiModel)


def test_a_brain_that_can_not_be_had_is_explained() -> None:
    for name in ("openai", "transformers", "oracle"):
        with pytest.raises(UserError, match=r"llm_url|llm_model|Install|Use one of"):
            open_model(name)
    with pytest.raises(UserError, match="oracle"):
        open_brain("oracle", PERSONA)


def test_with_a_model_the_brain_is_the_wider_one() -> None:
    assert isinstance(open_brain("auto", PERSONA), GroundedBrain)
    assert isinstance(open_brain("auto", PERSONA, model=OpenAiModel(URL)), LanguageBrain)


def test_the_key_is_never_shown() -> None:
    assert "s3cret" not in repr(load_settings({"llm_key": "s3cret"}, {}))
    with pytest.raises(UserError) as caught:
        load_settings({}, {"AVATAR_LLM_KEY": "s3cret" * 100})
    assert "s3cret" not in str(caught.value)
