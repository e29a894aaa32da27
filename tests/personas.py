"""Personas for tests."""

import re
from pathlib import Path

from runtime.persona.persona import find_persona

BO = """
name = "Bo"
greeting = ["Hello, I'm Bo, an AI."]
fallbacks = ["I don't know."]
not_heard = ["Pardon?"]
closing = ["Bye."]
"""
"""A persona that knows nothing yet: tests add what it is asked."""
GREETING = "Hi, I'm Ada, an AI."


def brief_concierge(folder: Path) -> str:
    """Write the concierge with a short greeting into a folder, for tests that wait for its end; return its file."""
    text, count = re.subn(
        r"^greeting = \[.*?^\]", f'greeting = ["{GREETING}"]', find_persona("concierge").read_text(), flags=re.M | re.S
    )
    assert count == 1
    path = folder / "persona.toml"
    path.write_text(text)
    return str(path)
