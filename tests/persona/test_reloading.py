"""Changed files are taken up while the character talks."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runtime.core.errors import UserError
from runtime.persona.reloading import stamp, watch


async def test_each_change_is_taken_up_once_and_a_broken_one_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "persona.toml"
    path.write_text("a")
    taken: list[str] = []
    changed = asyncio.Event()

    async def take_up() -> None:
        taken.append(path.read_text())
        changed.set()
        if taken == ["broken"]:
            raise UserError("It is\nbroken.")

    with ThreadPoolExecutor(1) as lane:
        watching = asyncio.create_task(watch(stamp([path]), lambda: [path], take_up, lane, 0.01))
        await asyncio.sleep(0.1)
        for text in ("broken", "mended again"):
            path.write_text(text)
            await asyncio.wait_for(changed.wait(), 5)
            changed.clear()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    assert taken == ["broken", "mended again"]
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == ["It is broken."]
