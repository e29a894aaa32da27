"""The OpenAI-compatible model against a real server: `transformers serve` with a tiny model, as a process."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from runtime.core.messages import UserTurn
from runtime.persona.backends import open_brain, open_model, start_model
from runtime.persona.language.model import ModelFailed, Patience
from runtime.persona.language.openai import OpenAiModel
from runtime.persona.memory import Context
from runtime.persona.persona import find_persona, load_persona
from tests.persona.language.conftest import SAYS

START_S = 120.0
PATIENT = Patience(60.0, 60.0, 60.0)
ASKED = [{"role": "system", "content": "You are Ada."}, {"role": "user", "content": "where are the toilets"}]
PERSONA = load_persona(find_persona("concierge"))


@pytest.fixture(scope="module")
def service(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start `transformers serve` and yield its address."""
    from transformers.utils.import_utils import is_serve_available

    if not is_serve_available():
        pytest.skip("transformers can't serve here: transformers[serving] is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "transformers.cli.transformers",
        "serve",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    offline = {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "HF_HOME": str(tmp_path_factory.mktemp("hub"))}
    log = tmp_path_factory.mktemp("serve") / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--device", "cpu", str(tiny)],
            env={**os.environ, **offline},
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, process, log)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{url}/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"transformers serve did not start: {log.read_text()[-2_000:]}")


async def test_a_real_service_answers_through_the_whole_brain(service: str, tiny: Path) -> None:
    model = open_model("auto", {"llm_url": service, "llm_model": str(tiny)})
    assert isinstance(model, OpenAiModel)
    await start_model(model, PERSONA)
    brain = open_brain("auto", PERSONA, model=model, patience=PATIENT)
    turn = UserTurn(1, "where are the toilets", 0.0, 0.0)
    phrases = [phrase async for phrase in brain.respond(turn, Context())]
    assert [(p.text, p.affect.label) for p in phrases] == [
        ("The toilets are behind these stairs.", "warm"),
        ("A lift goes down there too!", "warm"),
    ]
    assert phrases[0].source == "toilets"
    await model.close()


async def test_a_real_service_goes_on_after_an_answer_was_left(service: str, tiny: Path) -> None:
    model = OpenAiModel(service, model=str(tiny))
    await model.start()
    for _ in range(3):
        stream = model.stream(ASKED)
        await anext(stream)
        await stream.aclose()
    answers = await asyncio.gather(*(_text(model) for _ in range(3)))
    assert [answer.strip() for answer in answers] == [SAYS] * 3
    await model.close()


async def test_a_model_that_a_real_service_does_not_have_is_a_failure(service: str) -> None:
    model = OpenAiModel(service, model="/no/such/model")
    await model.start()
    with pytest.raises(ModelFailed):
        await _text(model)
    await model.close()


async def _text(model: OpenAiModel) -> str:
    return "".join([text async for text in model.stream(ASKED)])
