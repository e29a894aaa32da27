import io
import sys
from dataclasses import replace

import pytest
from rich.console import Console

from runtime.__main__ import main
from runtime.commands import devices
from runtime.core.backends import BackendState
from runtime.core.device import PROFILES, Gpu, find_machine
from runtime.core.settings import load_settings


def shown(table: object) -> str:
    console = Console(width=200, file=io.StringIO(), record=True)
    console.print(table)
    return console.export_text()


def test_the_command_shows_machine_profile_and_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices"]) == 0
    out = capsys.readouterr().out
    for word in (
        "cores",
        "memory",
        "GPU",
        "profile",
        "speech to",
        "text to",
        "brain",
        "pocketsphinx",
        "espeak",
        "retrieval",
    ):
        assert word in out


def test_every_part_has_an_embedded_backend_that_is_ready() -> None:
    states = list(devices.backend_states(load_settings({}, {})))
    for part in ("speech to text", "text to speech", "brain", "knowledge graph"):
        assert any(state.ready for state in states if state.part == part)
    assert all(state.remedy for state in states if not state.ready)


def test_settings_make_a_backend_ready() -> None:
    settings = load_settings({"whisper_model": "/models/tiny", "openai_asr_url": "http://localhost:9/v1"}, {})
    ready = {state.name for state in devices.backend_states(settings) if state.ready}
    assert {"whisper", "openai"} <= ready


def test_a_graph_database_is_taken_where_its_address_is_set_and_its_password_is_not_shown() -> None:
    settings = load_settings({"graph_url": "neo4j://ann:secret@host"}, {})
    states = [state for state in devices.backend_states(settings) if state.part == "knowledge graph"]
    assert [(state.name, state.ready) for state in states] == [("neo4j", True), ("embedded", True)]
    assert "secret" not in shown(devices.backend_table(states))


def test_of_each_part_the_first_that_is_ready_is_taken() -> None:
    states = [
        BackendState("voice", "piper", False, "", "Set piper_voice [a path]."),
        BackendState("voice", "flite", True),
        BackendState("voice", "espeak", True, "embedded"),
    ]
    lines = shown(devices.backend_table(states)).splitlines()
    line = {name: next(line for line in lines if name in line) for name in ("piper", "flite", "espeak")}
    assert "missing" in line["piper"]
    assert "[a path]" in line["piper"]
    assert "ready, taken" in line["flite"]
    assert "taken" not in line["espeak"]


def test_a_room_that_cannot_be_asked_is_missing_not_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "runtime.voice.backends", None)
    states = list(devices.backend_states(load_settings({}, {})))
    voice = [state for state in states if state.part == "voice.backends"]
    assert len(voice) == 1
    assert not voice[0].ready
    assert any(state.part == "brain" for state in states)


def test_a_clash_and_a_gpu_are_shown() -> None:
    machine = replace(find_machine(), gpus=(Gpu("NVIDIA L4", 23_034),))
    text = shown(devices.machine_table(machine, PROFILES["edge"], "because", "both are installed"))
    assert "NVIDIA L4 (23,034 MiB)" in text
    assert "both are installed" in text


def test_without_sounddevice_or_portaudio_there_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert "The package sounddevice is missing." in shown(devices.media_table())


def test_an_unknown_profile_is_a_clear_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices", "--device", "toaster"]) == 2
    assert "Choose auto, edge, desktop, gpu." in capsys.readouterr().err
