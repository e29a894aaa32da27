"""What the server needs of the engine and of a session, so that it can be tested without either."""

from collections.abc import AsyncIterator
from typing import Protocol

from runtime.core.messages import AudioChunk, CameraImage, Perception, SessionEvent
from runtime.delivery.source import MediaSource


class Session(MediaSource, Protocol):
    """One conversation. None of the methods that are not async ever waits."""

    id: str

    def hear(self, chunk: AudioChunk) -> None:
        """Take sound from the microphone."""

    def see(self, image: CameraImage) -> None:
        """Take a picture from the camera."""

    async def ask(self, text: str) -> None:
        """Take typed words as the user's turn; raises UserError over 1,000 characters."""

    def interrupt(self, cause: str) -> None:
        """Stop the answer under way, if any."""

    def perceive(self, camera: bool | None = None, emotion: bool | None = None, show: bool | None = None) -> Perception:
        """Change what may be noticed of the person, where not None; return what holds now."""

    def meet(self, token: str | None) -> None:
        """Take the token by which the client's person may be known, before the greeting."""

    def greet(self) -> None:
        """Begin the conversation, once."""

    def events(self) -> AsyncIterator[SessionEvent]:
        """Subscribe to what the session tells its client; ends when the session closes."""

    async def close(self) -> None:
        """End the conversation and give everything back."""


class Engine(Protocol):
    """What all sessions share: worker processes, models, persona."""

    @property
    def ready(self) -> bool:
        """Whether a session can be opened now."""

    @property
    def sessions(self) -> int:
        """Open sessions."""

    def status(self) -> dict[str, object]:
        """Return what is running: workers, sessions, backends, versions; and `persona`, the character's name."""

    def preview(self) -> bytes | None:
        """Return a PNG of the character for the page to show before a talk, or None."""

    def picture(self, file: str) -> tuple[bytes, str] | None:
        """Return a picture that the persona may show, by its file, and its media type. Called on a thread."""

    async def start(self) -> None:
        """Start the processes and load every model; raises UserError where one can't be."""

    async def open_session(self) -> Session:
        """Open a session; raises BusyError when the cap is reached, UserError where it can't be opened."""

    async def close(self) -> None:
        """End all worker processes."""
