"""Personas for tests, and the model that finds what is meant."""

import functools
import re
from pathlib import Path

from runtime.core.device import PROFILES
from runtime.core.models import ModelRegistry
from runtime.core.settings import load_settings
from runtime.mind import VECTORS
from runtime.persona.embedding import MODELS, Embedding, load_embedding
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


@functools.cache
def meanings(name: str = MODELS[0]) -> Embedding:
    """Return a model, with the vectors that other tests keep."""
    embedding = load_embedding(ModelRegistry(PROFILES["edge"]), load_settings({}, {}).cache_dir / VECTORS, name)
    assert embedding is not None
    assert embedding.name == name
    return embedding
