"""A transformers model in a process of its own, seen from the process that carries media."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Final

from runtime.core.errors import UserError
from runtime.core.workers import ServiceSpec, WorkerProcess
from runtime.persona.language.model import Message, ModelFailed

SERVICE: Final = "language"
TARGET: Final = "runtime.persona.language.service:LanguageService"
LOAD_TIMEOUT_S: Final = 1_800.0
"""A model named by its hub name is fetched first."""


class TransformersModel:
    """Starts the process, which is started again when it dies, and carries its text here."""

    name = "transformers"

    def __init__(self, model: str, threads: int = 2, max_tokens: int = 200) -> None:
        options = {"model": model, "threads": threads, "max_tokens": max_tokens}
        self.worker = WorkerProcess("language", {SERVICE: ServiceSpec(TARGET, options)}, LOAD_TIMEOUT_S)
        self._numbers = itertools.count(1)
        self._cancelling: set[asyncio.Task[None]] = set()

    @property
    def ready(self) -> bool:
        """See `LanguageModel.ready`."""
        return self.worker.ready

    async def start(self) -> None:
        """Start the process and wait until the model is loaded. Raises UserError where it can't be."""
        try:
            await self.worker.start()
        except BaseException:
            await self.worker.close()
            raise

    async def prepare(self, system: str) -> None:
        """Keep the system message in the model's key/value cache."""
        await self.worker.call(SERVICE, "prepare", system)

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """See `LanguageModel.stream`."""
        number, ended = next(self._numbers), ""
        try:
            await self._call("begin", number, list(messages))
            while not ended:
                text, ended = await self._call("more", number)
                if text:
                    yield text
            if ended != "done":
                raise ModelFailed(
                    "it wrote more than is said" if ended == "length" else "its process was started again"
                )
        finally:
            if not ended:
                task = asyncio.create_task(self._cancel(number))
                self._cancelling.add(task)
                task.add_done_callback(self._cancelling.discard)

    async def close(self) -> None:
        """End the process."""
        await asyncio.gather(*self._cancelling)
        await self.worker.close()

    async def _call(self, method: str, *args: Any) -> Any:
        try:
            return await self.worker.call(SERVICE, method, *args)
        except UserError as error:
            raise ModelFailed(error.what) from None

    async def _cancel(self, number: int) -> None:
        with contextlib.suppress(UserError):
            await self.worker.call(SERVICE, "cancel", number)
