"""The changes to aiortc: each alone, and in a loop-back that loses and swaps packets."""

import asyncio
import subprocess
import sys
import time
from typing import Any

import numpy as np
import pytest
from aiortc import RTCPeerConnection, RTCRtpReceiver
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack, VideoStreamTrack
from aiortc.rtp import RtpPacket

from runtime.delivery.patches import (
    REPORTS_TO_LOWER,
    REPORTS_TO_RAISE,
    VIDEO_BITS_PER_S,
    VIDEO_LOW_BITS_PER_S,
    BitrateSteps,
    PromptAudioBuffer,
    PromptVideoBuffer,
    apply_patches,
)


def packet(number: int, timestamp: int = 0, marker: int = 0) -> RtpPacket:
    made = RtpPacket(sequence_number=number % 65_536, timestamp=timestamp, marker=marker)
    made._data = bytes([number % 251])  # type: ignore[attr-defined]
    return made


def take(buffer: Any, *packets: RtpPacket) -> list[int]:
    """The timestamps of the frames that come out."""
    frames = [buffer.add(one)[1] for one in packets]
    return [frame.timestamp for frame in frames if frame is not None]


def test_sound_is_handed_over_at_once_in_order_and_without_stall() -> None:
    sent = [packet(65_530 + index, index * 960) for index in range(40)]
    assert take(PromptAudioBuffer(), *sent) == [index * 960 for index in range(40)]
    lossy = [one for index, one in enumerate(sent) if index % 7 != 3]
    assert len(take(PromptAudioBuffer(), *lossy)) == len(lossy)
    swapped = [*sent[:5], sent[6], sent[5], sent[5], *sent[7:10]]
    assert take(PromptAudioBuffer(), *swapped) == [index * 960 for index in (0, 1, 2, 3, 4, 6, 7, 8, 9)]


def test_a_sender_that_begins_anew_is_followed() -> None:
    buffer = PromptAudioBuffer()
    assert take(buffer, packet(5_000, 1), packet(100, 2), packet(101, 3)) == [1, 2, 3]


def test_a_picture_is_handed_over_with_its_last_packet() -> None:
    buffer = PromptVideoBuffer()
    assert take(buffer, packet(1, 10), packet(2, 10)) == []
    assert take(buffer, packet(3, 10, marker=1)) == [10]
    assert take(buffer, packet(4, 20, marker=1)) == [20]
    # Out of order, then complete; and a sender that sets no marker is served as before, by the next timestamp.
    assert take(buffer, packet(6, 30, marker=1), packet(5, 30)) == [30]
    assert take(buffer, packet(7, 40), packet(8, 50), packet(9, 60)) == [40, 50]


def test_the_bitrate_changes_only_for_lasting_reasons() -> None:
    steps = BitrateSteps()
    wandering = [300_000, 900_000, 2_000_000] * 20
    assert {steps.step(estimate) for estimate in wandering} == {VIDEO_BITS_PER_S}
    lowered = [steps.step(200_000) for _ in range(REPORTS_TO_LOWER)]
    assert lowered[-2:] == [VIDEO_BITS_PER_S, VIDEO_LOW_BITS_PER_S]
    assert {steps.step(estimate) for estimate in wandering} == {VIDEO_LOW_BITS_PER_S}
    raised = [steps.step(2_000_000) for _ in range(REPORTS_TO_RAISE)]
    assert raised[-1] == VIDEO_BITS_PER_S


def test_all_of_them_fit_the_installed_aiortc() -> None:
    assert len(apply_patches()) == 3
    assert apply_patches() == apply_patches()
    encoder = Vp8Encoder()
    assert encoder.target_bitrate == VIDEO_BITS_PER_S
    encoder.target_bitrate = 100_000
    assert encoder.target_bitrate == VIDEO_BITS_PER_S


def test_importing_changes_nothing() -> None:
    code = (
        "from aiortc import RTCRtpReceiver; before = RTCRtpReceiver.__init__; import runtime.delivery.patches;"
        "assert RTCRtpReceiver.__init__ is before"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


class Stamped(AudioStreamTrack):
    """Sound, and when each frame of it was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent_s: list[float] = []

    async def recv(self) -> Any:
        frame = await super().recv()
        self.sent_s.append(time.monotonic())
        return frame


async def read(track: MediaStreamTrack, into: list[tuple[float, Any]], count: int) -> None:
    while len(into) < count:
        frame = await track.recv()
        into.append((time.monotonic(), frame))


@pytest.mark.parametrize("loss", [0, 11])
async def test_loop_back_with_losses(loss: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every 11th packet lost, sound goes on without stall, and pictures come back by retransmission."""
    apply_patches()
    counts: dict[int, int] = {}
    original = RTCRtpReceiver._handle_rtp_packet

    async def lossy(self: Any, arrived: RtpPacket, arrival_time_ms: int) -> None:
        counts[arrived.ssrc] = counts.get(arrived.ssrc, 0) + 1
        if not loss or counts[arrived.ssrc] % loss:
            await original(self, arrived, arrival_time_ms)

    monkeypatch.setattr(RTCRtpReceiver, "_handle_rtp_packet", lossy)
    sender, receiver = RTCPeerConnection(), RTCPeerConnection()
    sound: list[tuple[float, Any]] = []
    pictures: list[tuple[float, Any]] = []
    tasks: list[asyncio.Task[None]] = []
    stamped = Stamped()

    def taken(track: MediaStreamTrack) -> None:
        wanted = (sound, 100) if track.kind == "audio" else (pictures, 40)
        tasks.append(asyncio.create_task(read(track, *wanted)))

    receiver.on("track", taken)
    sender.addTrack(stamped)
    sender.addTrack(VideoStreamTrack())
    await sender.setLocalDescription(await sender.createOffer())
    await receiver.setRemoteDescription(sender.localDescription)
    await receiver.setLocalDescription(await receiver.createAnswer())
    await sender.setRemoteDescription(receiver.localDescription)
    async with asyncio.timeout(15):
        await asyncio.gather(*tasks)
    stamps = [frame.pts for _, frame in sound]
    assert stamps == sorted(stamps)
    missing = 1 - len(stamps) / ((stamps[-1] - stamps[0]) / 960 + 1)
    assert missing == pytest.approx(1 / loss if loss else 0, abs=0.03)
    assert np.median(np.diff([frame.pts for _, frame in pictures])) == 3_000
    await sender.close()
    await receiver.close()
