import asyncio
import threading

import pytest

from runtime.core.clock import now, run_simulated
from runtime.core.errors import UserError
from runtime.core.lanes import Lane


async def test_a_lane_runs_in_order_on_one_named_thread() -> None:
    lane = Lane("ears")
    order: list[int] = []

    def work(number: int, *, scale: int = 1) -> str:
        order.append(number * scale)
        return threading.current_thread().name

    names = await asyncio.gather(*(lane.run(work, number, scale=2) for number in range(8)))
    assert order == list(range(0, 16, 2))
    assert set(names) == {"ears_0"}
    assert lane.waiting == 0
    lane.close()


async def test_what_the_function_raises_reaches_the_caller_and_the_lane_goes_on() -> None:
    lane = Lane("a")
    with pytest.raises(ZeroDivisionError):
        await lane.run(lambda: 1 // 0)
    assert await lane.run(lambda: 5) == 5
    lane.close()


async def test_a_full_lane_refuses_and_counts() -> None:
    lane, gate = Lane("b", limit=2), threading.Event()
    calls = [asyncio.create_task(lane.run(gate.wait)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(UserError, match="2 calls behind"):
        await lane.run(gate.wait)
    assert lane.refused == 1
    gate.set()
    assert await asyncio.gather(*calls) == [True, True]
    assert await lane.run(lambda: 1) == 1
    lane.close()


async def test_closing_drops_what_waits() -> None:
    lane, gate = Lane("c"), threading.Event()
    ran: list[int] = []
    first = asyncio.create_task(lane.run(gate.wait))
    second = asyncio.create_task(lane.run(ran.append, 1))
    await asyncio.sleep(0.01)
    lane.close()
    gate.set()
    assert await first
    with pytest.raises(asyncio.CancelledError):
        await second
    assert ran == []


def test_work_on_a_lane_takes_no_simulated_time() -> None:
    gate = threading.Event()

    async def session() -> tuple[bool, float]:
        lane = Lane("d")
        threading.Timer(0.05, gate.set).start()
        timer = asyncio.create_task(asyncio.sleep(100))
        answered = await lane.run(gate.wait, 5.0)
        at = now()
        await timer
        lane.close()
        return answered, at

    answered, at = run_simulated(session())
    assert answered
    assert at == 0
