"""Tasks beside their owner: they end with it, and one that fails is logged."""

import asyncio
import logging

import pytest

from runtime.core.background import Background
from runtime.core.clock import run_simulated


def test_tasks_end_with_their_owner() -> None:
    ended: list[str] = []

    async def wait() -> None:
        try:
            await asyncio.sleep(100)
        finally:
            ended.append("cancelled")

    async def main() -> None:
        background = Background("test")
        background.run(wait())
        done = background.run(asyncio.sleep(1))
        await done
        await background.close()

    run_simulated(main())
    assert ended == ["cancelled"]


def test_a_task_that_fails_is_logged_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("torn")

    async def main() -> None:
        background = Background("the mirror")
        background.run(fail())
        await background.run(asyncio.sleep(1))
        await background.close()

    with caplog.at_level(logging.ERROR):
        run_simulated(main())
    (record,) = [one for one in caplog.records if one.name == "runtime.core.background"]
    assert record.getMessage() == "the mirror failed"
    assert "ValueError: torn" in caplog.text  # where logs are masked, the record itself holds no exception
