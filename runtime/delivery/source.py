"""What delivery needs of a session: sound and pictures on one media clock."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000
FRAME_SAMPLES = 960
FPS = 25


class MediaSource(Protocol):
    """A session as seen by a sink: an audio master clock and pictures chosen by it."""

    def read_audio(self, samples: int) -> NDArray[np.int16]:
        """Return the next `samples` (samples,) mono int16 at 48 kHz and advance the media clock. Never waits."""

    async def draw_frame(self, media_time_s: float) -> NDArray[np.uint8] | None:
        """Return the picture for `media_time_s` as I420, (height * 3 // 2, width) uint8, or None where none can be had.

        Media times only rise; a caller asks about one frame (40 ms) before it shows it.
        """
