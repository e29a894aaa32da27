"""`python -m runtime talk`: talk to the character with a recording, with text, or with this machine's own devices."""

import argparse
import asyncio
import json
import logging
from pathlib import Path
from typing import Any

from runtime.core.device import choose_profile, find_machine
from runtime.core.errors import UserError
from runtime.core.masking import mask_logs
from runtime.core.settings import Settings, add_flags, settings_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments and a flag for every setting."""
    parser.add_argument("recording", nargs="?", type=Path, help="a sound or video file of the person")
    parser.add_argument("--text", action="append", default=[], help="a typed question; may be given several times")
    parser.add_argument("--voice-file", type=Path, help="a sound file that the character says, with its mouth")
    parser.add_argument("--local", action="store_true", help="use the microphone, speaker, camera and a window here")
    parser.add_argument("--output", type=Path, help="the MP4 of what the person sees and hears")
    parser.add_argument("--report", type=Path, help="the JSON with every turn's texts and times")
    parser.add_argument("--realtime", choices=["yes", "no"], default="yes", help="no: as fast as the machine can")
    add_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Talk; return the exit status."""
    settings = settings_from(args)
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    mask_logs()
    logging.getLogger("runtime.talk").setLevel(logging.INFO)
    if args.local:
        return asyncio.run(_local(settings))
    if args.voice_file and (args.recording or args.text):
        raise UserError("With --voice-file the character speaks by itself.", "Leave the recording and --text out.")
    if args.recording is None and not args.text and args.voice_file is None:
        raise UserError("There is nothing to say.", "Give a recording, --text, --voice-file, or --local.")
    from runtime.core.clock import run_simulated

    talk = _talk(settings, args)
    report = run_simulated(talk) if args.realtime == "no" else asyncio.run(talk)
    if args.report:
        args.report.write_text(json.dumps(report, indent=1) + "\n")
        print(f"wrote {args.report}")
    return 0


async def _talk(settings: Settings, args: argparse.Namespace) -> dict[str, Any]:
    from runtime.capture.file import read_recording
    from runtime.delivery.file import Recorder
    from runtime.engine import Engine
    from runtime.session import Session
    from runtime.talk import Talk, check_output

    if settings.mode != "talk":
        raise UserError("A mirror doesn't talk.", "Use --local, or start the server, with --mode mirror.")
    check_output(args.output)
    check_output(args.report)
    path = args.voice_file or args.recording
    recording = await asyncio.to_thread(read_recording, path) if path else None
    profile, _ = choose_profile(settings.device, find_machine())
    recorder = Recorder(args.output, profile.width, profile.height) if args.output else None
    async with Engine(settings, profile) as engine:
        await engine.until_thinking()
        session = await engine.open_session()
        assert isinstance(session, Session)
        if recording is not None:
            await engine.until_seeing()
        if recorder is not None:
            recorder.open()
        try:
            talk = Talk(session, recorder)
            if recording is None:
                report = await talk.with_texts(args.text)
            else:
                report = await (talk.with_voice(recording) if args.voice_file else talk.with_recording(recording))
        finally:
            if recorder is not None:
                recorder.close()
                print(f"wrote {args.output}")
            await session.close()
    return report.as_dict()


async def _local(settings: Settings) -> int:
    """Talk with this machine's microphone, speaker, camera and a window until the window is closed."""
    from runtime.capture.camera import Camera
    from runtime.capture.microphone import Microphone
    from runtime.delivery.speaker import LocalSpeaker
    from runtime.delivery.window import Window
    from runtime.engine import Engine

    profile, _ = choose_profile(settings.device, find_machine())
    async with Engine(settings, profile) as engine:
        session = await engine.open_session()
        microphone, speaker = Microphone(), LocalSpeaker(session)
        window = Window(profile.width, profile.height, engine.persona.name)
        camera = Camera(session.see)
        try:
            if settings.mode == "talk":
                microphone.open()
            window.open()
            speaker.open()
            try:
                camera.open()
            except UserError as error:
                print(f"The character can't see: {error}")  # it hears and answers all the same

            async def listen() -> None:
                async for chunk in microphone:
                    session.hear(chunk)

            listening = asyncio.create_task(listen())
            session.greet()
            try:
                await window.run(session, lambda: speaker.read_s, lambda: speaker.heard_s)
            finally:
                listening.cancel()
        finally:
            camera.close()
            speaker.close()
            window.close()
            microphone.close()
            await session.close()
    return 0
