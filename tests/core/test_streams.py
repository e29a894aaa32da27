import asyncio
import gc

from hypothesis import given
from hypothesis import strategies as st

from runtime.core.streams import Broadcast, Fifo, Latest


async def drain(fifo: Fifo[int]) -> list[int]:
    fifo.close()
    return [item async for item in fifo]


async def test_a_fifo_keeps_order_and_ends_when_closed_and_empty() -> None:
    fifo: Fifo[int] = Fifo(10)
    for item in range(5):
        fifo.put(item)
    assert await drain(fifo) == [0, 1, 2, 3, 4]
    fifo.put(9)
    assert await drain(fifo) == []
    assert fifo.dropped == 0


async def test_a_fifo_drops_the_oldest_beyond_its_seconds() -> None:
    fifo: Fifo[int] = Fifo(1.0)
    for item in range(12):
        fifo.put(item, 0.1)
    assert fifo.size <= 1.0 + 1e-9
    assert fifo.dropped + len(await drain(fifo)) == 12
    assert fifo.dropped in (2, 3)  # a tenth is not exact in binary
    assert fifo.size == 0


async def test_a_fifo_keeps_one_item_that_is_over_the_limit_alone() -> None:
    fifo: Fifo[int] = Fifo(1.0)
    fifo.put(1, 5.0)
    fifo.put(2, 5.0)
    assert fifo.dropped == 1
    assert await drain(fifo) == [2]


async def test_a_waiting_reader_gets_what_comes_and_is_woken_by_close() -> None:
    fifo: Fifo[int] = Fifo(3)
    got: list[int] = []

    async def read() -> None:
        got.extend([item async for item in fifo])

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(read())
        for item in range(3):
            await asyncio.sleep(0)
            fifo.put(item)
        await asyncio.sleep(0)
        fifo.close()
    assert got == [0, 1, 2]


@given(st.lists(st.tuples(st.booleans(), st.floats(0.01, 2.0)), max_size=60), st.floats(0.1, 5.0))
def test_nothing_is_lost_without_being_counted(steps: list[tuple[bool, float]], limit: float) -> None:
    async def check() -> None:
        fifo: Fifo[int] = Fifo(limit)
        put, got = 0, []
        for is_put, size in steps:
            if is_put:
                fifo.put(put, size)
                put += 1
            elif fifo.size > 0:
                got.append(await anext(fifo))
            assert fifo.size <= limit or fifo.size <= 2.0
        got += await drain(fifo)
        assert got == sorted(got)
        assert len(got) + fifo.dropped == put

    asyncio.run(check())


async def test_latest_gives_the_newest_and_counts_the_others() -> None:
    latest: Latest[int] = Latest()
    for item in range(4):
        latest.put(item)
    assert await latest.get() == 3
    assert (latest.received, latest.dropped) == (4, 3)
    waiting = asyncio.create_task(latest.get())
    await asyncio.sleep(0)
    assert not waiting.done()
    latest.put(7)
    assert await waiting == 7


async def test_two_waiters_on_latest_get_two_items() -> None:
    latest: Latest[int] = Latest()
    waiters = [asyncio.create_task(latest.get()) for _ in range(2)]
    await asyncio.sleep(0)
    latest.put(1)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    latest.put(2)
    async with asyncio.timeout(5):
        assert sorted([await waiter for waiter in waiters]) == [1, 2]


async def test_every_subscriber_gets_everything_from_its_subscription_on() -> None:
    broadcast: Broadcast[int] = Broadcast()
    first = broadcast.subscribe()
    broadcast.publish(1)
    second = broadcast.subscribe()
    broadcast.publish(2)
    assert await drain(first) == [1, 2]
    broadcast.publish(3)
    broadcast.close()
    assert [item async for item in second] == [2, 3]
    assert [item async for item in broadcast.subscribe()] == []


async def test_a_slow_subscriber_loses_its_oldest_and_harms_no_other() -> None:
    broadcast: Broadcast[int] = Broadcast(limit=3)
    slow, fast = broadcast.subscribe(), broadcast.subscribe()
    got = []
    for item in range(10):
        broadcast.publish(item)
        got.append(await anext(fast))
    assert got == list(range(10))
    assert await drain(slow) == [7, 8, 9]
    assert (slow.dropped, fast.dropped, broadcast.dropped) == (7, 0, 7)


async def test_a_subscription_nobody_holds_is_forgotten() -> None:
    broadcast: Broadcast[int] = Broadcast(limit=2)
    for _ in range(100):
        broadcast.subscribe()
    gc.collect()
    assert broadcast.subscribers == 0
    kept = broadcast.subscribe()
    assert broadcast.subscribers == 1
    kept.close()
    assert broadcast.subscribers == 0
