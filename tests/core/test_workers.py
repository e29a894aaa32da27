"""Real worker processes: calls, errors, withdrawal, death and restart."""

import asyncio
import os
import signal
import time

import pytest

from runtime.core.errors import UserError, WorkerDied
from runtime.core.workers import ServiceSpec, WorkerProcess


class Echo:
    """A service for these tests."""

    def __init__(self, greeting: str = "hello") -> None:
        self.greeting = greeting
        self.calls = 0

    def load(self) -> None:
        if self.greeting == "broken":
            raise UserError("The greeting is broken.", "Choose another.")

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


def worker(greeting: str = "hello") -> WorkerProcess:
    return WorkerProcess("test", {"echo": ServiceSpec(f"{__name__}:Echo", {"greeting": greeting})})


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
