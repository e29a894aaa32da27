"""Show this machine, the profile it gets, and the state of every backend."""

import argparse
import importlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from runtime.core.backends import BackendState
from runtime.core.device import Machine, Profile, check_onnxruntime, choose_profile, find_machine
from runtime.core.errors import UserError
from runtime.core.settings import Settings, add_flags, settings_from

TAKEN, READY, MISSING = "[bold green]ready, taken[/]", "[green]ready[/]", "[yellow]missing[/]"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's flags."""
    add_flags(parser, "device", "piper_voice", "whisper_model", "openai_asr_url", "llm_url", "llm_model", "graph_url")


def run(args: argparse.Namespace) -> int:
    """Print the tables; return 0, or 1 when something embedded that should be there is not."""
    settings = settings_from(args)
    machine = find_machine()
    profile, reason = choose_profile(settings.device, machine)
    states = list(backend_states(settings))
    clash = check_onnxruntime()
    console = Console()
    console.print(machine_table(machine, profile, f"--device {settings.device}: {reason}", clash))
    console.print(backend_table(states))
    console.print(media_table())
    parts = {state.part for state in states}
    unserved = sorted(part for part in parts if not any(state.ready for state in states if state.part == part))
    for part in unserved:
        console.print(f"[red]Nothing is ready for {escape(part)}.[/]")
    return 1 if unserved or clash else 0


def backend_states(settings: Settings) -> Iterator[BackendState]:
    """Yield the state of each backend of each room; a room that can't be asked is a backend that is missing."""
    recogniser = {"whisper_model": settings.whisper_model, "openai_url": settings.openai_asr_url}
    arguments: dict[str, tuple[object, ...]] = {
        "perception.backends": (recogniser,),
        "perception.vision.library": (str(settings.face_landmarker_task or ""),),
        "voice.backends": (str(settings.piper_voice or ""),),
        "persona.backends": ({"llm_url": settings.llm_url, "llm_model": settings.llm_model},),
        "persona.graph.backends": (settings.graph_url,),
    }
    for module, given in arguments.items():
        try:
            yield from importlib.import_module(f"runtime.{module}").available(*given)
        except (ImportError, OSError, UserError) as error:
            yield BackendState(module, "all", False, str(error), "Install the packages again: make run.")


def machine_table(machine: Machine, profile: Profile, reason: str, clash: str | None) -> Table:
    """Return what the machine is and what profile it gets."""
    table = Table(title="This machine", show_header=False, title_justify="left")
    table.add_row("system", f"{machine.system}, Python {machine.python}")
    table.add_row("cores", f"{machine.cores:g} usable of {machine.cores_present}")
    table.add_row("memory", f"{machine.memory_mb:,} MB")
    gpus = ", ".join(f"{gpu.name} ({gpu.memory_mb:,} MiB)" for gpu in machine.gpus)
    table.add_row("GPU", escape(gpus) or "none found (nvidia-smi lists none)")
    table.add_row(
        "ONNX Runtime", f"[red]{clash}[/]" if clash else f"the {_build(machine)} build alone, as it should be"
    )
    table.add_row("profile", f"[bold]{profile.name}[/]: {_sizes(profile)}")
    table.add_row("why", escape(reason))
    return table


def _build(machine: Machine) -> str:
    return "CUDA" if machine.onnxruntime_gpu else "CPU"


def _sizes(profile: Profile) -> str:
    threads = f"{profile.threads_small}–{profile.threads_large} threads a model"
    size = f"{profile.width}x{profile.height}, {profile.fps} frames/s"
    return f"{size}, {threads}, {profile.precision}, at most {profile.max_sessions} conversations"


def backend_table(states: list[BackendState]) -> Table:
    """Return every backend with its state; of each part `auto` takes the first that is ready."""
    table = Table(title="Backends", title_justify="left")
    for heading in ("part", "backend", "state", "detail", "what to do"):
        table.add_column(heading, overflow="fold")
    seen: set[str] = set()
    taken: set[str] = set()
    for state in states:
        part = "" if state.part in seen else state.part
        seen.add(state.part)
        shown = MISSING if not state.ready else READY if state.part in taken else TAKEN
        if state.ready:
            taken.add(state.part)
        remedy = "" if state.ready else state.remedy
        table.add_row(escape(part), escape(state.name), shown, escape(state.detail), escape(remedy))
    return table


def media_table() -> Table:
    """Return the microphones and cameras that `talk --local` could use."""
    from runtime.capture.camera import list_cameras
    from runtime.capture.microphone import list_microphones

    table = Table("kind", "device", title="For talk --local", title_justify="left")
    for kind, found in (("microphone", _listed(list_microphones)), ("camera", _listed(list_cameras))):
        for line in found:
            table.add_row(kind, escape(line))
    return table


def _listed(devices: Callable[[], list[tuple[int, str]]]) -> list[str]:
    try:
        return [f"{number}: {name}" for number, name in devices()] or ["none found"]
    except UserError as error:
        return [str(error)]
