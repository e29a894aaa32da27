import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with the toy in it, made once. Not to be changed."""
    pytest.importorskip("torch")
    from exporters.export import export
    from tests.exporters.toy import toy, trained

    folder = tmp_path_factory.mktemp("models")
    export(toy(), trained(tmp_path_factory.mktemp("out")), folder)
    return folder


@pytest.fixture
def models(made: Path, tmp_path: Path) -> Path:
    """A copy of that folder."""
    return Path(shutil.copytree(made, tmp_path / "models"))
