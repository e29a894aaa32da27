"""The recogniser as a listener calls it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from runtime.core.messages import Transcript
from runtime.core.workers import Caller

SERVICE = "hearing"


class Hearing:
    """Speech to text, wherever its process is. Each method raises WorkerDied while that process starts again."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def feed(self, stream: str, samples: NDArray[np.float32]) -> Transcript:
        """Take more sound of a stream and return what is understood so far."""
        transcript: Transcript = await self._caller.call(SERVICE, "feed", stream, samples)
        return transcript

    async def pause(self, stream: str) -> None:
        """Tell that speech has probably ended."""
        await self._caller.call(SERVICE, "pause", stream)

    async def finish(self, stream: str) -> Transcript:
        """End the stream and return its final text."""
        transcript: Transcript = await self._caller.call(SERVICE, "finish", stream)
        return transcript

    async def take_phrases(self, phrases: Sequence[str]) -> None:
        """Listen for other phrases soon; see `Recogniser.take_phrases`."""
        await self._caller.call(SERVICE, "take_phrases", tuple(phrases))

    async def drop(self, stream: str) -> None:
        """Forget the stream."""
        await self._caller.call(SERVICE, "drop", stream)
