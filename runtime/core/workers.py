"""Services in worker processes, called from the event loop."""

from typing import Any, Protocol


class Service(Protocol):
    """An object that lives in a worker process, on one thread of its own.

    Its constructor is cheap; `load` does the work and warms up. Every other public method can be called; arguments
    and results must pickle.
    """

    def load(self) -> None:
        """Load models and warm them up."""

    def close(self) -> None:
        """Give everything back."""


class Caller(Protocol):
    """What a room needs to talk to a service, wherever it lives."""

    async def call(self, service: str, method: str, *args: Any) -> Any:
        """Call `method` of the service named `service` and return its result, or raise what it raised.

        Raises:
            WorkerDied: the process ended before it answered.
        """
