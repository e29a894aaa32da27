"""Real worker processes: calls, errors, withdrawal, death and restart."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from runtime.core import workers
from runtime.core.errors import UserError, WorkerDied
from runtime.core.workers import ServiceSpec, WorkerProcess


class Echo:
    """A service for these tests."""

    def __init__(self, greeting: str = "hello", needs: str = "") -> None:
        self.greeting = greeting
        self.needs = needs
        self.calls = 0

    def load(self) -> None:
        if self.greeting == "broken":
            raise UserError("The greeting is broken.", "Choose another.")
        if self.needs and not Path(self.needs).exists():
            raise UserError(f"{self.needs} is missing.", "Restore it.")

    def close(self) -> None: ...

    def greet(self, name: str) -> str:
        self.calls += 1
        return f"{self.greeting} {name}"

    def count(self) -> int:
        return self.calls

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)

    def refuse(self) -> None:
        raise UserError("No.", "Ask again.")

    def crash(self) -> None:
        raise ZeroDivisionError


def worker(greeting: str = "hello", needs: str = "", timeout_s: float = 60.0) -> WorkerProcess:
    spec = ServiceSpec(f"{__name__}:Echo", {"greeting": greeting, "needs": needs})
    return WorkerProcess("test", {"echo": spec}, timeout_s)


async def until(holds: Callable[[], bool], wait_s: float = 20.0) -> None:
    async with asyncio.timeout(wait_s):
        while not holds():  # noqa: ASYNC110 (what is waited for is no event of ours)
            await asyncio.sleep(0.02)


def processes() -> set[int]:
    return {child.pid for child in psutil.Process().children() if "resource_tracker" not in " ".join(child.cmdline())}


async def test_calls_answers_errors_and_withdrawal() -> None:
    process = worker("hi")
    await process.start()
    try:
        assert await process.call("echo", "greet", "you") == "hi you"
        with pytest.raises(UserError, match=r"No\. Ask again\."):
            await process.call("echo", "refuse")
        with pytest.raises(UserError, match="ZeroDivisionError"):
            await process.call("echo", "crash")
        pausing = asyncio.create_task(process.call("echo", "pause", 0.2))
        withdrawn = asyncio.create_task(process.call("echo", "greet", "nobody"))
        await asyncio.sleep(0.05)
        withdrawn.cancel()
        await pausing
        assert await process.call("echo", "count") == 1
    finally:
        await process.close()


async def test_a_killed_process_fails_its_calls_and_comes_back() -> None:
    process = worker()
    await process.start()
    try:
        waiting = asyncio.create_task(process.call("echo", "pause", 30))
        await asyncio.sleep(0.05)
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(WorkerDied):
            await waiting
        async with asyncio.timeout(20):
            while not process.ready:
                with pytest.raises(WorkerDied):
                    await process.call("echo", "greet", "you")
                await asyncio.sleep(0.02)
        assert await process.call("echo", "greet", "again") == "hello again"
        assert process.restarts == 1
    finally:
        await process.close()


async def test_a_service_that_cannot_load_says_why() -> None:
    process = worker("broken")
    with pytest.raises(UserError, match="The greeting is broken"):
        await process.start()
    await process.close()


async def test_a_process_that_can_no_longer_load_is_not_left_behind_with_each_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "RESTART_PAUSE_S", (0.0,))
    model, before = tmp_path / "model", processes()
    model.touch()
    process = worker(needs=str(model))
    await process.start()
    try:
        model.unlink()
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        await until(lambda: process.restarts >= 3)
        assert len(processes() - before) <= 1
        model.touch()
        await until(lambda: process.ready)
        assert await process.call("echo", "greet", "you") == "hello you"
    finally:
        await process.close()
    assert processes() <= before


async def test_a_process_that_stands_still_does_not_stop_its_callers() -> None:
    process = worker()
    await process.start()
    pid = process.pid
    assert pid
    try:
        os.kill(pid, signal.SIGSTOP)
        large = "x" * 100_000  # a pipe holds two or three
        async with asyncio.timeout(10):
            calls = [asyncio.create_task(process.call("echo", "greet", large)) for _ in range(20)]
            await asyncio.sleep(0.05)
            os.kill(pid, signal.SIGCONT)
            assert await asyncio.gather(*calls) == [f"hello {large}"] * 20
    finally:
        os.kill(pid, signal.SIGCONT)
        await process.close()


async def test_a_process_that_hangs_is_ended_and_comes_back() -> None:
    process = worker(timeout_s=3.0)
    await process.start()
    try:
        with pytest.raises(WorkerDied, match="did not answer within"):
            await process.call("echo", "pause", 60)
        await until(lambda: process.restarts == 1 and process.ready)
        assert await process.call("echo", "greet", "again") == "hello again"
    finally:
        await process.close()
