"""`python -m runtime serve`: serve the character to browsers."""

import argparse
import asyncio
import logging

from runtime.core.device import choose_profile, find_machine
from runtime.core.masking import mask_logs
from runtime.core.settings import add_flags, settings_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add a flag for every setting."""
    add_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop; return the exit status."""
    settings = settings_from(args)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=settings.log_level.upper())
    mask_logs()
    profile, reason = choose_profile(settings.device, find_machine())
    print(f"profile {profile.name}: {reason}", flush=True)
    from runtime.engine import Engine
    from runtime.server.run import serve

    asyncio.run(serve(Engine(settings, profile), settings))
    return 0
