"""What is installed: mediapipe without what it declares, one OpenCV, and a clear word where it is missing."""

import importlib.metadata
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement

from runtime.core.errors import UserError
from runtime.perception.vision.finders import MeshFaces
from runtime.perception.vision.library import VERSION, bindings, why_blind
from tests.perception.vision.pictures import needs_mediapipe


def broken_requirements() -> Iterator[str]:
    """Yield what `pip check` would complain about, but for mediapipe's own wishes."""
    versions = {found.name.lower().replace("_", "-"): found for found in importlib.metadata.distributions()}
    for name, found in versions.items():
        for line in found.requires or [] if name != "mediapipe" else []:
            wanted = Requirement(line)
            if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
                continue
            there = versions.get(wanted.name.lower().replace("_", "-").replace(".", "-"))
            if there is not None and not wanted.specifier.contains(there.version, prereleases=True):
                yield f"{name} wants {line}, and there is {there.version}"


@needs_mediapipe
def test_one_opencv_is_installed_and_it_is_headless() -> None:
    names = {found.name.lower() for found in importlib.metadata.distributions()}
    assert {name for name in names if name.startswith("opencv")} == {"opencv-python-headless"}


@needs_mediapipe
def test_mediapipe_brings_no_package_to_another_version_than_others_want() -> None:
    assert list(broken_requirements()) == []


@needs_mediapipe
def test_the_compiled_part_is_loaded_once() -> None:
    assert bindings() is bindings()
    assert bindings().calculator_graph.CalculatorGraph


@pytest.mark.parametrize("version", [None, "0.10.35"])
def test_without_it_or_with_another_version_the_character_goes_blind_in_one_line(
    monkeypatch: pytest.MonkeyPatch, version: str | None
) -> None:
    def found(name: str) -> str:
        if version is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return version

    monkeypatch.setattr(importlib.metadata, "version", found)
    reason = why_blind()
    assert reason is not None
    assert str(reason).startswith("The character can't see: mediapipe is ")
    assert VERSION in reason.remedy
    assert "\n" not in str(reason)
    with pytest.raises(UserError, match="can't see"):
        MeshFaces()
