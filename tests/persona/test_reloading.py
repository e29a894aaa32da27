"""Changed files are taken up while the character talks."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from runtime.core.errors import UserError
from runtime.persona.reloading import watch


async def test_each_change_is_taken_up_once_and_a_broken_one_ends_nothing(tmp_path: Path) -> None:
    path = tmp_path / "persona.toml"
    path.write_text("a")
    taken: list[str] = []
    changed = asyncio.Event()
    loop = asyncio.get_running_loop()

    def take_up() -> None:
        taken.append(path.read_text())
        loop.call_soon_threadsafe(changed.set)
        if taken == ["broken"]:
            raise UserError("It is broken.")

    with ThreadPoolExecutor(1) as lane:
        watching = asyncio.create_task(watch(path, take_up, lane, 0.01))
        await asyncio.sleep(0.1)
        for text in ("broken", "mended again"):
            path.write_text(text)
            await asyncio.wait_for(changed.wait(), 5)
            changed.clear()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    assert taken == ["broken", "mended again"]
