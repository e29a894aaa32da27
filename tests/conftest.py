"""What a test's markers ask of the machine."""

import os
import shutil
from collections.abc import Iterator

import pytest

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    """Return the path of an installed Chromium."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On several workers, keep the tests of a file together, and never run two with a browser at a time."""
    for item in items:
        group = "chromium" if item.get_closest_marker("chromium") else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what this machine can't run; under CI a missing Chromium fails instead."""
    if item.get_closest_marker("chromium") and find_chromium() is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing; .ci/run should have installed it", pytrace=False)
        pytest.skip("Chromium is not installed")
    if item.get_closest_marker("gpu") and shutil.which("nvidia-smi") is None:
        pytest.skip("there is no NVIDIA GPU")


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is remembered in a test is kept apart from what is remembered of people on this machine.

    What can be made again is shared by all tests, on all of pytest-xdist's workers.
    """
    base = tmp_path_factory.getbasetemp()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        patch.setenv("XDG_CACHE_HOME", str((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"))
        yield


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium, for tests marked `chromium`."""
    path = find_chromium()
    assert path is not None
    return path
