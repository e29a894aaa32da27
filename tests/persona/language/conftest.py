"""A tiny model that every test of a real one uses."""

from pathlib import Path

import pytest

SAYS = "[warm] The toilets are behind these stairs. A lift goes down there too!"


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a model that says `SAYS` to everything."""
    pytest.importorskip("transformers", reason="the extra llm is not installed")
    from tests.persona.language.tiny_model import write_model

    return write_model(tmp_path_factory.mktemp("models") / "tiny", SAYS)
