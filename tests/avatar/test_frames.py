"""Pictures through shared memory: bounds, hand-over, clean ends."""

import multiprocessing
import os
import signal
import subprocess
import sys
from multiprocessing import shared_memory
from pathlib import Path

import numpy as np
import pytest

from runtime.avatar.frames import FrameRing
from runtime.core.errors import UserError


def gone(name: str) -> bool:
    try:
        shared_memory.SharedMemory(name=name).close()
    except FileNotFoundError:
        return True
    return False


def test_what_one_writes_the_other_reads_as_a_copy() -> None:
    ring = FrameRing.create(128, 64, 3)
    other = FrameRing.attach(ring.name, 128, 64, 3)
    other.view(2)[:] = 7
    picture = ring.copy(2)
    assert picture.shape == (96, 128)
    assert picture.dtype == np.uint8
    assert (picture == 7).all()
    other.view(2)[:] = 9
    assert (picture == 7).all()
    other.close()
    ring.close()
    ring.close()
    assert gone(ring.name)


def test_slots_out_of_bounds_and_closed_rings_are_refused() -> None:
    ring = FrameRing.create(64, 64, 2)
    for slot in (-1, 2):
        with pytest.raises(IndexError):
            ring.view(slot)
    ring.close()
    with pytest.raises(IndexError):
        ring.copy(0)


@pytest.mark.parametrize(
    ("width", "height", "slots"), [(63, 64, 2), (64, 65, 2), (32, 64, 2), (4096, 64, 2), (64, 64, 1), (64, 64, 99)]
)
def test_sizes_are_bounded_and_even(width: int, height: int, slots: int) -> None:
    with pytest.raises(UserError):
        FrameRing.create(width, height, slots)


@pytest.mark.parametrize("name", ["", "../etc", "a" * 200, "no-such-memory"])
def test_attaching_to_nothing_is_a_clear_error(name: str) -> None:
    with pytest.raises(UserError):
        FrameRing.attach(name, 64, 64, 2)


def test_attaching_as_something_larger_is_refused() -> None:
    ring = FrameRing.create(64, 64, 2)
    try:
        with pytest.raises(UserError, match="need"):
            FrameRing.attach(ring.name, 512, 512, 3)
    finally:
        ring.close()


def _write_and_die(name: str) -> None:
    ring = FrameRing.attach(name, 64, 64, 2)
    ring.view(0)[:] = 42
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_child_leaves_the_ring_usable_and_removable() -> None:
    ring = FrameRing.create(64, 64, 2)
    child = multiprocessing.get_context("spawn").Process(target=_write_and_die, args=(ring.name,))
    child.start()
    child.join(20.0)
    assert child.exitcode == -signal.SIGKILL
    child.close()
    assert (ring.copy(0) == 42).all()
    ring.close()
    assert gone(ring.name)


def test_a_stranger_that_attached_takes_nothing_with_it_and_warns_of_nothing() -> None:
    ring = FrameRing.create(64, 64, 2)
    code = (
        "from runtime.avatar.frames import FrameRing\n"
        f"ring = FrameRing.attach({ring.name!r}, 64, 64, 2)\nring.view(1)[:] = 5\nring.close()\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stderr == ""
    assert (ring.copy(1) == 5).all()
    ring.close()


def test_an_owner_that_closes_is_silent() -> None:
    code = "from runtime.avatar.frames import FrameRing\nr = FrameRing.create(64, 64, 2)\nr.view(0)[:] = 1\nr.close()\n"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
