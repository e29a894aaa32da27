"""Simulated time."""

import asyncio

from runtime.core.clock import now, run_simulated, sleep_until


def test_short_steps_go_on_after_months_of_simulated_time() -> None:
    """While a model loads on a thread, simulated time may run ahead by months; talks must go on after it."""

    async def main() -> float:
        await asyncio.sleep(195 * 86_400.0)
        begun = now()
        for step in range(5_000):
            await sleep_until(begun + step * 0.02)
        return now() - begun

    assert abs(run_simulated(main()) - 4_999 * 0.02) < 0.001
