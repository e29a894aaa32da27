"""A person at the other end: an aiortc client that speaks recordings and notes when it hears and sees what."""

import asyncio
import fractions
import json
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
from aiortc import MediaStreamTrack, RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from numpy.typing import NDArray

from runtime.capture.file import read_recording
from runtime.core.errors import UserError

RATE_HZ = 48_000
FRAME_SAMPLES = 960
CAMERA_FPS = 15
NOISE_AMPLITUDE = 6  # a quiet room, of 32,768


class Microphone(MediaStreamTrack):
    """Sends room noise at real time, and recordings when told to."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._to_speak: deque[tuple[NDArray[np.int16], asyncio.Future[float]]] = deque()
        self._position = 0
        self._begun_s = 0.0
        self._sent_samples = 0
        self._random = np.random.default_rng(0)

    async def speak(self, pcm: NDArray[np.int16]) -> float:
        """Speak `pcm` (n,) int16 at 48 kHz; return the monotonic time at which its first sample was sent."""
        started: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._to_speak.append((pcm, started))
        return await started

    @property
    def speaking(self) -> bool:
        """Whether a recording is being spoken."""
        return bool(self._to_speak)

    async def recv(self) -> av.AudioFrame:
        """Return the next 20 ms when they are due."""
        if not self._begun_s:
            self._begun_s = time.monotonic()
        due_s = self._begun_s + self._sent_samples / RATE_HZ
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        samples = self._random.integers(-NOISE_AMPLITUDE, NOISE_AMPLITUDE, FRAME_SAMPLES).astype(np.int16)
        if self._to_speak:
            pcm, started = self._to_speak[0]
            if not started.done():
                started.set_result(time.monotonic())
            piece = pcm[self._position : self._position + FRAME_SAMPLES]
            samples[: len(piece)] += piece
            self._position += FRAME_SAMPLES
            if self._position >= len(pcm):
                self._to_speak.popleft()
                self._position = 0
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, self._sent_samples, fractions.Fraction(1, RATE_HZ)
        self._sent_samples += FRAME_SAMPLES
        return frame


class Camera(MediaStreamTrack):
    """Sends a recording's pictures, 15 a second, again and again."""

    kind = "video"

    def __init__(self, recording: Path) -> None:
        super().__init__()
        images = list(read_recording(recording).iter_images())
        wanted = range(round(images[-1].time_s * CAMERA_FPS)) if images else range(0)
        times = np.array([image.time_s for image in images])
        chosen = [images[int(np.searchsorted(times, number / CAMERA_FPS))] for number in wanted]
        if not chosen:
            raise UserError(f"{recording} has no pictures.", "Give a video.")
        self._frames = [av.VideoFrame.from_ndarray(image.rgb, format="rgb24") for image in chosen]
        self._sent = 0
        self._begun_s = 0.0

    async def recv(self) -> av.VideoFrame:
        """Return the next picture when it is due."""
        self._begun_s = self._begun_s or time.monotonic()
        await asyncio.sleep(max(0.0, self._begun_s + self._sent / CAMERA_FPS - time.monotonic()))
        frame = self._frames[self._sent % len(self._frames)]
        frame.pts, frame.time_base = self._sent, fractions.Fraction(1, CAMERA_FPS)
        self._sent += 1
        return frame


@dataclass
class Heard:
    """What arrived, with the monotonic time of its arrival. Sound is (time, pcm (n,) int16 at 48 kHz)."""

    audio: list[tuple[float, NDArray[np.int16]]] = field(default_factory=list)
    pictures: list[tuple[float, NDArray[np.uint8]]] = field(default_factory=list)
    messages: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    def sound_after(self, time_s: float, threshold: int = 300) -> float | None:
        """Return the time at which the first audible sample after `time_s` arrived, or None."""
        for arrived_s, pcm in self.audio:
            if arrived_s >= time_s and (loud := np.flatnonzero(np.abs(pcm.astype(np.int32)) > threshold)).size:
                return arrived_s + float(loud[0]) / RATE_HZ
        return None

    def sound_before_silence(self, time_s: float, silence_s: float = 0.5, threshold: int = 300) -> float | None:
        """Return when the last audible sample arrived before the first `silence_s` of quiet after `time_s`."""
        last = None
        for arrived_s, pcm in self.audio:
            if arrived_s < time_s:
                continue
            if (loud := np.flatnonzero(np.abs(pcm.astype(np.int32)) > threshold)).size:
                last = arrived_s + float(loud[-1]) / RATE_HZ
            elif last is not None and arrived_s - last > silence_s:
                break
        return last

    def of_type(self, kind: str, after_s: float = 0.0) -> list[tuple[float, dict[str, Any]]]:
        """Return the (time, data) of RTVI messages of a type."""
        return [(t, m.get("data") or {}) for t, m in self.messages if m.get("type") == kind and t >= after_s]


class Person:
    """One connected client: `microphone` to speak with, `heard` to look at."""

    def __init__(self, address: str, token: str = "", keep_pictures: bool = True, camera: Path | None = None) -> None:
        """`camera` is a video that shows the person, if they are to be seen."""
        self.address = address
        self.microphone = Microphone()
        self.camera = Camera(camera) if camera is not None else None
        self.heard = Heard()
        self.frames = 0
        self._token = token
        self._keep_pictures = keep_pictures
        self._peer = RTCPeerConnection()
        self._channel: RTCDataChannel | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._ready = asyncio.Event()

    async def connect(self) -> None:
        """Connect and wait until the character is ready."""
        self._peer.addTransceiver(self.microphone, direction="sendrecv")
        if self.camera is not None:
            self._peer.addTransceiver(self.camera, direction="sendrecv")
        else:
            self._peer.addTransceiver("video", direction="recvonly")
        channel = self._channel = self._peer.createDataChannel("chat", ordered=True)
        channel.on("message", self._message)
        channel.on("open", lambda: self.send("client-ready", {"version": "1.0.0", "about": {"library": "benchmark"}}))
        self._peer.on("track", self._track)
        await self._peer.setLocalDescription(await self._peer.createOffer())
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        offer = {"sdp": self._peer.localDescription.sdp, "type": "offer"}
        async with httpx.AsyncClient(timeout=20) as http:
            response = await http.post(f"{self.address}/api/offer", json=offer, headers=headers)
        response.raise_for_status()
        answer = response.json()
        await self._peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
        async with asyncio.timeout(20):
            await self._ready.wait()

    def send(self, kind: str, data: dict[str, Any]) -> None:
        """Send an RTVI message."""
        assert self._channel is not None
        message = {"id": str(time.monotonic_ns()), "label": "rtvi-ai", "type": kind, "data": data}
        self._channel.send(json.dumps(message))

    async def close(self) -> None:
        """Hang up."""
        await self._peer.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _message(self, text: str | bytes) -> None:
        message = json.loads(text)
        self.heard.messages.append((time.monotonic(), message))
        if message.get("type") == "bot-ready":
            self._ready.set()

    def _track(self, track: MediaStreamTrack) -> None:
        self._tasks.append(asyncio.create_task(self._hear(track) if track.kind == "audio" else self._see(track)))

    async def _hear(self, track: MediaStreamTrack) -> None:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
        while True:
            frame = await track.recv()
            assert isinstance(frame, av.AudioFrame)
            arrived_s = time.monotonic()
            for part in resampler.resample(frame):
                self.heard.audio.append((arrived_s, part.to_ndarray()[0]))

    async def _see(self, track: MediaStreamTrack) -> None:
        while True:
            frame = await track.recv()
            assert isinstance(frame, av.VideoFrame)
            self.frames += 1
            if self._keep_pictures:  # luma of the lower middle of the picture, where the mouth is
                luma = np.asarray(frame.to_ndarray(), np.uint8)[: frame.height, : frame.width]
                rows = slice(int(frame.height * 0.55), int(frame.height * 0.633))
                columns = slice(int(frame.width * 0.42), int(frame.width * 0.58))
                self.heard.pictures.append((time.monotonic(), luma[rows, columns].copy()))
