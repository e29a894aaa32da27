import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="package", autouse=True)
def _one_thread() -> Iterator[None]:
    """Nets this small take longer on several threads, much longer where other programs run too."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


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
