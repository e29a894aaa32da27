"""The character's tracks on simulated time: paced, together, and calm when something is late."""

import asyncio
import itertools

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError
from numpy.typing import NDArray

from runtime.core.clock import now, run_simulated
from runtime.delivery.tracks import CharacterAudioTrack, CharacterVideoTrack, MediaClock, drain_audio


class Source:
    """Counts what is read; draws a picture whose grey is the frame's number, `draw_s` after it was asked."""

    def __init__(self, draw_s: float = 0.005) -> None:
        self.draw_s = draw_s
        self.samples = 0
        self.asked: list[tuple[float, float]] = []  # media time, time of asking
        self.fail = False
        self.drawing = 0

    def read_audio(self, samples: int) -> NDArray[np.int16]:
        self.samples += samples
        return np.zeros(samples, np.int16)

    async def draw_frame(self, media_time_s: float) -> NDArray[np.uint8] | None:
        self.asked.append((media_time_s, now()))
        self.drawing += 1
        assert self.drawing == 1
        try:
            await asyncio.sleep(self.draw_s)
        finally:
            self.drawing -= 1
        if self.fail:
            raise RuntimeError("no picture")
        return np.full((12, 8), round(media_time_s * 25) % 256, np.uint8)


def grey(frame: object) -> int:
    return int(frame.to_ndarray()[0, 0])  # type: ignore[attr-defined]


def test_frames_come_at_their_time_and_are_asked_one_frame_ahead() -> None:
    async def main() -> None:
        source, clock = Source(), MediaClock()
        audio, video = CharacterAudioTrack(source, clock), CharacterVideoTrack(source, clock)
        begun_s = now()

        async def listen() -> None:
            for index in range(100):
                frame = await audio.recv()
                assert now() - begun_s == pytest.approx(index * 0.02)
                assert frame.pts == index * 960

        async def watch() -> None:
            shown: list[int] = []
            for _ in range(45):
                frame = await video.recv()
                assert frame.pts is not None
                index = frame.pts // 3_600
                # The very first waits until it is drawn.
                assert now() - begun_s == pytest.approx(index * 0.04 if shown else source.draw_s, abs=1e-6)
                assert grey(frame) == index
                shown.append(index)
            assert shown == list(range(shown[0], shown[0] + 45))
            assert shown[0] <= 1

        await asyncio.gather(listen(), watch())
        assert all(media_s - (asked_s - begun_s) == pytest.approx(0.04) for media_s, asked_s in source.asked[2:])
        assert clock.stats.repeated == clock.stats.late == clock.stats.rebases == 0
        video.stop()
        with pytest.raises(MediaStreamError):
            await video.recv()
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1

    run_simulated(main())


def test_a_slow_renderer_repeats_pictures_and_never_holds_up_sound() -> None:
    async def main() -> None:
        source, clock = Source(draw_s=0.09), MediaClock()
        audio, video = CharacterAudioTrack(source, clock), CharacterVideoTrack(source, clock)

        async def listen() -> None:
            begun_s = now()
            for index in range(100):
                await audio.recv()
                assert now() - begun_s == pytest.approx(index * 0.02)

        async def watch() -> None:
            greys = [grey(await video.recv()) for _ in range(40)]
            assert greys == sorted(greys)

        await asyncio.gather(listen(), watch())
        assert clock.stats.repeated > 15
        assert clock.stats.late > 10
        assert clock.stats.skipped <= 3
        video.stop()

    run_simulated(main())


def test_without_any_picture_a_grey_one_goes_out() -> None:
    async def main() -> None:
        source, clock = Source(), MediaClock()
        source.fail = True
        video = CharacterVideoTrack(source, clock)
        frames = [await video.recv() for _ in range(5)]
        assert {grey(frame) for frame in frames} == {128}
        source.fail = False
        for _ in range(2):
            frame = await video.recv()
        assert grey(frame) != 128
        video.stop()

    run_simulated(main())


class Stall:
    """A stretch in which the loop can't run, as seen from the clock: its origin lies further back afterwards."""

    def __init__(self, clock: MediaClock) -> None:
        self._clock = clock

    def __call__(self, seconds: float) -> None:
        assert self._clock._origin_s is not None
        self._clock._origin_s -= seconds


@pytest.mark.parametrize(("stall_s", "rebases"), [(0.15, 0), (0.5, 1), (3.0, 1)])
def test_a_stall_is_caught_up_or_given_up_for_both_tracks(stall_s: float, rebases: int) -> None:
    async def main() -> None:
        source, clock = Source(), MediaClock()
        audio, video = CharacterAudioTrack(source, clock), CharacterVideoTrack(source, clock)
        stall = Stall(clock)

        async def listen() -> None:
            for index in range(200):
                if index == 50:
                    stall(stall_s)
                await audio.recv()

        async def watch() -> list[int]:
            pts = []
            while clock.audio_index < 190:
                frame = await video.recv()
                assert frame.pts is not None
                pts.append(frame.pts)
            return pts

        _, pts = await asyncio.gather(listen(), watch())
        assert clock.stats.rebases == rebases
        assert all(later > earlier for earlier, later in itertools.pairwise(pts))
        # Sound and picture are at the same media time again, whatever happened.
        assert clock.audio_index * 0.02 == pytest.approx(clock.video_index * 0.04, abs=0.45)
        assert clock.audio_index * 0.02 == pytest.approx(clock.media_time_s(), abs=0.03)
        assert clock.stats.skipped <= (5 if stall_s <= 0.2 else 6)
        video.stop()

    run_simulated(main())


def test_sound_is_drained_in_real_time_for_a_peer_that_takes_none() -> None:
    async def main() -> None:
        source, clock = Source(), MediaClock()
        task = asyncio.create_task(drain_audio(source, clock))
        await asyncio.sleep(2.005)
        assert source.samples == pytest.approx(2.0 * 48_000, abs=960)
        task.cancel()

    run_simulated(main())


def test_tracks_made_later_go_on_where_the_first_stood() -> None:
    async def main() -> None:
        source, clock = Source(), MediaClock()
        for _ in range(2):
            audio, video = CharacterAudioTrack(source, clock), CharacterVideoTrack(source, clock)

            async def listen(track: CharacterAudioTrack = audio) -> None:
                for _ in range(50):
                    await track.recv()

            async def watch(track: CharacterVideoTrack = video) -> None:
                for _ in range(20):
                    await track.recv()

            await asyncio.gather(listen(), watch())
            audio.stop()
            video.stop()
            clock.stop()
            await asyncio.sleep(10)
        assert clock.stats.rebases == 0
        assert clock.audio_index == 100
        times = [media_s for media_s, _ in source.asked]
        assert all(later > earlier for earlier, later in itertools.pairwise(times))
        assert times[-1] < 2.1

    run_simulated(main())
