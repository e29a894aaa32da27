"""A talk without a browser, with scripted rooms on simulated time."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.core.clock import now, run_simulated
from runtime.core.errors import UserError
from runtime.delivery.file import Recorder
from runtime.talk import LONGEST_S, Talk
from tests.scene import Scene


class FullDisk(Recorder):
    """Takes half a second of sound, then has no room left."""

    def add_audio(self, samples: NDArray[np.int16]) -> None:
        self.samples += len(samples)
        if self.samples > 24_000:
            raise UserError("The disk is full.")

    def add_frame(self, i420: NDArray[np.uint8], media_time_s: float) -> None: ...


def test_a_talk_ends_at_once_when_it_can_no_longer_be_recorded() -> None:
    async def main() -> float:
        scene = await Scene().start(reading=False)
        try:
            with pytest.raises(UserError, match="The disk is full"):
                await Talk(scene.session, FullDisk(Path("talk.mp4"), 64, 64)).with_texts(["first", "second"])
            return now()
        finally:
            await scene.end()

    assert run_simulated(main()) < 5 < LONGEST_S
