"""A scripted session and engine, and a client, for tests of what lies between them."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import av
import httpx
import numpy as np
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, VideoStreamTrack
from numpy.typing import NDArray

from runtime.core.errors import BusyError, UserError
from runtime.core.messages import AudioChunk, CameraImage, Perception, SessionEvent
from runtime.core.streams import Broadcast
from runtime.delivery.source import RATE_HZ

WIDTH, HEIGHT = 64, 48


class FakeSession:
    """Plays a beep and shows a bright picture in every second half second of its media time; notes what it is told."""

    def __init__(self, number: int) -> None:
        self.id = f"session-{number}"
        self.samples = 0
        self.heard: list[AudioChunk] = []
        self.seen: list[CameraImage] = []
        self.asked: list[str] = []
        self.interrupts: list[str] = []
        self.greetings = 0
        self.tokens: list[str | None] = []
        self.perceived = Perception()
        self.closed = False
        self.frame_times: list[float] = []
        self.said: Broadcast[SessionEvent] = Broadcast()

    def read_audio(self, samples: int) -> NDArray[np.int16]:
        at = np.arange(self.samples, self.samples + samples)
        self.samples += samples
        beep = 12_000 * np.sin(2 * np.pi * 440 * at / RATE_HZ)
        return np.where(bright(at / RATE_HZ), beep, 0).astype(np.int16)

    async def draw_frame(self, media_time_s: float) -> NDArray[np.uint8] | None:
        self.frame_times.append(media_time_s)
        await asyncio.sleep(0.003)
        picture = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
        picture[:HEIGHT] = 220 if bright(np.asarray(media_time_s)) else 30
        return picture

    def hear(self, chunk: AudioChunk) -> None:
        self.heard.append(chunk)

    def see(self, image: CameraImage) -> None:
        self.seen.append(image)

    async def ask(self, text: str) -> None:
        if len(text) > 1_000:
            raise UserError("That is too long.", "Send less.")
        self.asked.append(text)

    def interrupt(self, cause: str) -> None:
        self.interrupts.append(cause)

    def perceive(self, camera: bool | None = None, emotion: bool | None = None, show: bool | None = None) -> Perception:
        self.perceived = Perception(camera is not False, emotion is not False, show is True)
        return self.perceived

    def meet(self, token: str | None) -> None:
        self.tokens.append(token)

    def greet(self) -> None:
        self.greetings += 1

    def events(self) -> AsyncIterator[SessionEvent]:
        return self.said.subscribe()

    async def close(self) -> None:
        self.closed = True
        self.said.close()


def bright(time_s: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether the scripted session beeps and shines at a media time."""
    return np.asarray(time_s % 1.0 >= 0.5)


class FakeEngine:
    """Opens scripted sessions, up to a cap."""

    def __init__(self, cap: int = 2) -> None:
        self.ready = True
        self.cap = cap
        self.preview_picture: bytes | None = None
        self.pictures: dict[str, tuple[bytes, str]] = {}
        self.opened: list[FakeSession] = []
        self.closed = False

    @property
    def sessions(self) -> int:
        return sum(not session.closed for session in self.opened)

    def status(self) -> dict[str, object]:
        return {"persona": "Ada", "sessions": self.sessions}

    def preview(self) -> bytes | None:
        return self.preview_picture

    def picture(self, file: str) -> tuple[bytes, str] | None:
        return self.pictures.get(file)

    async def start(self) -> None:
        self.ready = True

    async def open_session(self) -> FakeSession:
        if self.sessions >= self.cap:
            raise BusyError("All places are taken.", 7)
        self.opened.append(FakeSession(len(self.opened)))
        return self.opened[-1]

    async def close(self) -> None:
        self.closed = True


class Client:
    """A browser's part: an aiortc peer that offers, and reads all it gets."""

    def __init__(self, http: httpx.AsyncClient, audio: bool = True, video: bool = True, camera: bool = False) -> None:
        self.http = http
        self.pc_id: str | None = None
        self.messages: list[dict[str, Any]] = []
        self.audio: list[tuple[float, av.AudioFrame]] = []
        self.video: list[tuple[float, av.VideoFrame]] = []
        self.opened = asyncio.Event()
        self._audio, self._video, self._camera = audio, video, camera
        self._tasks: list[asyncio.Task[None]] = []
        self.begin()

    def begin(self) -> None:
        """Make the peer connection."""
        self.pc = RTCPeerConnection()
        self.opened.clear()
        if self._audio:
            self.pc.addTransceiver(AudioStreamTrack(), direction="sendrecv")
        if self._camera:
            self.pc.addTransceiver(VideoStreamTrack(), direction="sendrecv")
        elif self._video:
            self.pc.addTransceiver("video", direction="recvonly")
        self.channel = self.pc.createDataChannel("chat", ordered=True)
        self.channel.on("message", lambda text: self.messages.append(json.loads(text)))
        self.channel.on("open", self.opened.set)
        self.pc.on("track", lambda track: self._tasks.append(asyncio.create_task(self._read(track))))

    async def offer(self, **more: Any) -> httpx.Response:
        """Make an offer and send it."""
        await self.pc.setLocalDescription(await self.pc.createOffer())
        body = {"sdp": self.pc.localDescription.sdp, "type": "offer", "pc_id": self.pc_id, **more}
        return await self.http.post("/api/offer", json=body)

    async def connect(self, **more: Any) -> None:
        """Offer, take the answer and wait for the data channel."""
        response = await self.offer(**more)
        response.raise_for_status()
        answer = response.json()
        self.pc_id = answer["pc_id"]
        await self.pc.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
        async with asyncio.timeout(10):
            await self.opened.wait()

    def send(self, kind: str, data: Any = None, message_id: str = "1") -> None:
        """Send an RTVI message."""
        self.channel.send(json.dumps({"id": message_id, "label": "rtvi-ai", "type": kind, "data": data}))

    async def message(self, kind: str) -> dict[str, Any]:
        """Wait for a message of a type."""
        await until(lambda: any(message["type"] == kind for message in self.messages))
        return next(message for message in self.messages if message["type"] == kind)

    async def close(self) -> None:
        """Hang up."""
        await self.pc.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _read(self, track: MediaStreamTrack) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, av.AudioFrame):
                    self.audio.append((loop.time(), frame))
                elif isinstance(frame, av.VideoFrame):
                    self.video.append((loop.time(), frame))


async def until(condition: Any, within_s: float = 10.0) -> None:
    """Wait until a condition holds; fail after a generous time."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - the other side tells of nothing
            await asyncio.sleep(0.01)
