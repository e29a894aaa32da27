"""A tiny transformers model in this process, and in the process of its own that the runtime gives it."""

import time
from pathlib import Path
from typing import Any

import pytest

from runtime.core.errors import UserError
from runtime.core.messages import UserTurn
from runtime.persona.backends import open_brain, open_model, start_model
from runtime.persona.language.local import TransformersModel
from runtime.persona.language.model import ModelFailed, Patience
from runtime.persona.language.prompt import messages, system_message
from runtime.persona.memory import Context
from runtime.persona.persona import find_persona, load_persona
from tests.persona.language.conftest import SAYS

pytest.importorskip("transformers", reason="the extra llm is not installed")
from transformers import DynamicCache, LlamaConfig, MambaConfig, MistralConfig, PreTrainedConfig

from runtime.persona.language.service import MAX_JOBS, LanguageService
from tests.persona.language.tiny_model import HOLDS, TEMPLATE, write_model, write_random_model

PERSONA = load_persona(find_persona("concierge"))
SYSTEM = system_message(PERSONA)
PATIENT = Patience(60.0, 60.0, 60.0)
TURN = UserTurn(1, "where are the toilets", 0.0, 0.0)
ASKED = messages(PERSONA, "where are the toilets", (), Context())


@pytest.fixture(scope="module")
def service(tiny: Path) -> LanguageService:
    made = LanguageService(str(tiny))
    made.load()
    return made


def written(service: LanguageService, asked: list[dict[str, str]], number: int = 1) -> tuple[str, str]:
    service.begin(number, asked)
    text, ended, until = "", "", time.monotonic() + 60
    while not ended and time.monotonic() < until:
        more, ended = service.more(number)
        text += more
    return text.strip(), ended


def count_tokens_read(service: LanguageService) -> list[int]:
    """Return a list that grows by the number of tokens each time the model reads some."""
    read: list[int] = []

    def note(module: Any, args: Any, kwargs: dict[str, Any]) -> None:
        read.append(kwargs["input_ids"].shape[1])

    service._model.register_forward_pre_hook(note, with_kwargs=True)
    return read


def test_it_writes_and_says_that_it_is_done(service: LanguageService) -> None:
    assert written(service, ASKED) == (SAYS, "done")
    assert service.more(1) == ("", "unknown")


def test_the_persona_is_read_once_and_the_answer_is_the_same(tiny: Path) -> None:
    fresh = LanguageService(str(tiny))
    fresh.load()
    prefix = fresh.prepare(SYSTEM)
    whole = len(fresh._tokens(ASKED))
    read = count_tokens_read(fresh)
    for number in (1, 2):
        assert written(fresh, ASKED, number) == (SAYS, "done")
    assert prefix > 100
    assert read.count(whole - prefix) == 2
    assert max(read) == whole - prefix


SIZES: dict[str, Any] = {"vocab_size": 320, "hidden_size": 32, "num_hidden_layers": 2}
HEADS: dict[str, Any] = {"intermediate_size": 64, "num_attention_heads": 2, "num_key_value_heads": 1}


@pytest.mark.parametrize(
    ("config", "kept"),
    [
        pytest.param(LlamaConfig(**SIZES, **HEADS), True, id="Llama"),
        pytest.param(MistralConfig(**SIZES, **HEADS, sliding_window=64), True, id="a short window"),
        pytest.param(MambaConfig(**SIZES, state_size=8), False, id="no attention"),
    ],
)
def test_what_was_read_beforehand_changes_no_word(tmp_path: Path, config: PreTrainedConfig, kept: bool) -> None:
    service = LanguageService(str(write_random_model(tmp_path / "random", config)), max_tokens=20)
    service.load()
    generate = service._model.generate
    service._model.generate = lambda **options: generate(**{**options, "do_sample": False})
    assert (service.prepare(SYSTEM) > 100) is kept
    known = written(service, ASKED)
    service._prefixes[SYSTEM] = ([], DynamicCache())
    assert written(service, ASKED) == known
    assert known[0] or not kept  # the one without attention happens to end at once


def test_another_persona_is_read_too_and_both_are_kept(service: LanguageService) -> None:
    service.prepare(SYSTEM)
    read = count_tokens_read(service)
    other = [{"role": "system", "content": "You are Bo."}, *ASKED[1:]]
    assert written(service, other)[0] == SAYS
    assert written(service, ASKED)[0] == SAYS
    assert max(read) < len(service._tokens(ASKED))


def test_an_answer_that_is_too_long_is_told(tiny: Path) -> None:
    short = LanguageService(str(tiny), max_tokens=4)
    short.load()
    text, ended = written(short, ASKED)
    assert ended == "length"
    assert SAYS.startswith(text)


def test_what_was_cancelled_stops_and_is_forgotten(service: LanguageService) -> None:
    service.begin(7, ASKED)
    job = service._jobs[7]
    service.cancel(7)
    service.cancel(7)
    assert service.more(7) == ("", "unknown")
    assert job.cancelled.is_set()
    assert written(service, ASKED, 8) == (SAYS, "done")


def test_only_so_many_are_written_at_a_time(service: LanguageService) -> None:
    with service._computing:
        for number in range(MAX_JOBS):
            service.begin(100 + number, ASKED)
        with pytest.raises(UserError, match=str(MAX_JOBS)):
            service.begin(99, ASKED)
        for number in range(MAX_JOBS):
            service.cancel(100 + number)
    assert written(service, ASKED) == (SAYS, "done")


def test_the_oldest_exchanges_are_left_out_where_they_do_not_fit(service: LanguageService) -> None:
    old = [{"role": role, "content": f"{role} said " + "long " * 400} for role in ("user", "assistant")] * 6
    ids = service._fitting([ASKED[0], *old, ASKED[-1]])
    assert len(ids) <= HOLDS
    text = service._tokenizer.decode(ids)
    assert "toilets" in text
    assert "You have no tools" in text
    with pytest.raises(ValueError, match="holds"):
        service._fitting([{"role": "system", "content": "x " * HOLDS}, ASKED[-1]])


def test_a_failure_in_writing_is_told(service: LanguageService) -> None:
    with pytest.raises(UserError, match="holds"):
        written(service, [{"role": "system", "content": "x " * HOLDS}, ASKED[-1]])


def test_a_tokenizer_without_a_template_gets_a_plain_one(tmp_path: Path) -> None:
    plain = LanguageService(str(write_model(tmp_path / "plain", SAYS, template=None)))
    plain.load()
    text = plain._tokenizer.decode(plain._tokens([*ASKED[:1], {"role": "user", "content": "hello"}]))
    assert text == f"{SYSTEM}\n\nUser: hello\nAssistant:"
    assert written(plain, ASKED) == (SAYS, "done")


def test_a_template_without_a_system_role_gets_it_with_the_first_question(tmp_path: Path) -> None:
    refusing = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}" + TEMPLATE
    folded = LanguageService(str(write_model(tmp_path / "folded", SAYS, template=refusing)))
    folded.load()
    text = folded._tokenizer.decode(folded._tokens([*ASKED[:1], {"role": "user", "content": "hello"}]))
    assert text == f"<|user|>{SYSTEM}\n\nhello<|end|><|assistant|>"
    assert folded.prepare(SYSTEM) > 100
    assert written(folded, ASKED) == (SAYS, "done")


@pytest.mark.parametrize("name", ["/no/such/folder", "."])
def test_what_is_no_model_is_explained(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(UserError, match="llm_model"):
        LanguageService(name).load()


# ------------------------------------------------------------ in a process of its own


async def test_the_whole_brain_with_the_model_in_its_process(tiny: Path) -> None:
    model = open_model("transformers", {"llm_model": str(tiny)})
    assert isinstance(model, TransformersModel)
    await start_model(model, PERSONA)
    try:
        await _answers(model)
        await _dies(model)
    finally:
        await model.close()


async def _answers(model: TransformersModel) -> None:
    brain = open_brain("auto", PERSONA, model=model, patience=PATIENT)
    left = brain.respond(TURN, Context())
    assert (await anext(aiter(left))).text == "The toilets are behind these stairs."
    await left.aclose()  # type: ignore[attr-defined]
    phrases = [phrase async for phrase in brain.respond(TURN, Context())]
    assert [(p.text, p.affect.label) for p in phrases] == [
        ("The toilets are behind these stairs.", "warm"),
        ("A lift goes down there too!", "warm"),
    ]
    assert phrases[0].source == "toilets"


async def _dies(model: TransformersModel) -> None:
    """While the process starts again, the grounded brain answers."""
    stream = model.stream(ASKED)
    await anext(stream)
    assert model.worker._process is not None
    model.worker._process.kill()
    with pytest.raises(ModelFailed):
        "".join([text async for text in stream])
    assert not model.ready
    known = [phrase async for phrase in open_brain("retrieval", PERSONA).respond(TURN, Context())]
    brain = open_brain("auto", PERSONA, model=model, patience=PATIENT)
    assert [phrase async for phrase in brain.respond(TURN, Context())] == known


async def test_a_process_that_can_not_load_its_model_leaves_none_behind() -> None:
    model = TransformersModel("/no/such/folder")
    with pytest.raises(UserError, match="llm_model"):
        await model.start()
    assert model.worker.pid is None
