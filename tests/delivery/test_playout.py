"""Playout on scripted reads."""

import asyncio

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from runtime.core.clock import run_simulated
from runtime.core.messages import TimedWord
from runtime.delivery.playout import AHEAD_SAMPLES, PIECE_SAMPLES, Playout, Segment
from runtime.delivery.source import RATE_HZ


class Log:
    def __init__(self) -> None:
        self.words: list[str] = []
        self.begun: list[int] = []
        self.ended: list[int] = []

    def playout(self) -> Playout:
        return Playout(
            lambda s: self.begun.append(s.cue),
            lambda s, w: self.words.append(w.text),
            lambda s: self.ended.append(s.cue),
        )


def segment(seconds: float = 1.0, cue: int = 0) -> Segment:
    words = (TimedWord("one", 0.0, 0.4, (0, 3)), TimedWord("two", 0.5, 0.9, (4, 7)))
    return Segment(1, cue, "one two", np.full(int(seconds * RATE_HZ), 1000, np.int16), words)


async def feed(playout: Playout, *segments: Segment) -> "asyncio.Task[None]":
    async def all_of_them() -> None:
        for part in segments:
            await playout.play(part)

    task = asyncio.create_task(all_of_them())
    await asyncio.sleep(0)
    return task


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=40))
def test_reads_of_any_size_equal_one_whole(sizes: list[int]) -> None:
    async def main() -> None:
        log = Log()
        playout = log.playout()
        part = segment(0.5)
        part.pcm = np.arange(len(part.pcm)).astype(np.int16)
        part.fed = len(part.pcm)
        playout._queue.append(part)
        read = np.concatenate([playout.read(n) for n in sizes])
        whole = np.zeros(len(read), np.int16)
        whole[: len(part.pcm)] = part.pcm[: len(read)]
        assert np.array_equal(read, whole)

    run_simulated(main())


def test_audio_ahead_is_bounded_and_marks_come_with_their_sample() -> None:
    async def main() -> None:
        log = Log()
        playout = log.playout()
        task = await feed(playout, segment(), segment(cue=1))
        most = 0.0
        while not task.done() or playout.busy:
            most = max(most, playout.ahead_s)
            playout.read(960)
            await asyncio.sleep(0.02)
            if playout.clock.samples == 48_000 // 2 - 960:
                assert log.words == ["one"]
        assert most * RATE_HZ < AHEAD_SAMPLES + PIECE_SAMPLES + 1
        assert log.words == ["one", "two"] * 2
        assert log.begun == log.ended == [0, 1]
        assert playout.underruns == 0

    run_simulated(main())


def test_hold_fades_in_10_ms_and_resume_loses_nothing() -> None:
    async def main() -> None:
        log = Log()
        playout = log.playout()
        part = segment()
        feeding = await feed(playout, part)
        for _ in range(5):
            playout.read(960)
            await asyncio.sleep(0)
        played = part.played
        playout.hold()
        fade = playout.read(960)
        assert fade[0] == 1000
        assert 0 < fade[240] < 1000
        assert not fade[480:].any()
        assert not playout.read(960).any()
        assert part.played == played
        assert playout.locate(playout.clock.time_s) == (-1, 0.0)
        playout.resume()
        back = playout.read(960)
        assert abs(back[0]) < 10
        assert back[-1] == 1000
        assert part.played == played + 960
        feeding.cancel()

    run_simulated(main())


def test_drop_tells_whole_words_heard() -> None:
    async def main() -> None:
        log = Log()
        playout = log.playout()
        task = await feed(playout, segment())
        while playout.clock.time_s < 0.6:
            playout.read(960)
            await asyncio.sleep(0)
        assert playout.drop() == "one"
        task.cancel()
        assert playout.read(960)[:480].any()
        assert not playout.busy
        assert not playout.read(960).any()

    run_simulated(main())


def test_locate_names_the_cue_of_the_sample_then_played() -> None:
    async def main() -> None:
        playout = Log().playout()
        feeding = await feed(playout, segment(0.2), segment(0.2, cue=1))
        await asyncio.sleep(0)
        playout.read(960)
        assert playout.locate(0.06) == (0, 0.06)
        cue, offset = playout.locate(0.25)
        assert cue == 1
        assert abs(offset - 0.05) < 1e-9
        for _ in range(20):
            playout.read(960)
            await asyncio.sleep(0)
        assert playout.locate(0.42)[0] == 1
        assert playout.locate(2.0) == (-1, 0.0)
        await feeding

    run_simulated(main())
