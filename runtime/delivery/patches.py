"""Changes to aiortc for conversation: no standing delay in what comes in, a calm encoder for what goes out.

Written against aiortc 1.15 and 1.16. `apply_patches()` checks what it is about to change and leaves alone what it
does not recognise, with one line in the log; nothing is changed by importing this module.
"""

import inspect
import logging
from collections.abc import Callable
from typing import Any, Final

import aiortc
from aioice import ice
from aiortc import rtcrtpreceiver
from aiortc.codecs import vpx
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtp import RtpPacket
from aiortc.utils import uint16_add

log = logging.getLogger(__name__)

KNOWN_VERSIONS: Final = ("1.15.", "1.16.")
RESTART_PACKETS = 100  # a sequence number this far back is a sender that began anew, as in aiortc
VIDEO_BITS_PER_S = 1_200_000
VIDEO_LOW_BITS_PER_S = 450_000
REPORTS_TO_LOWER = 4  # receiver estimates in a row, each about a second apart, before the bitrate changes
REPORTS_TO_RAISE = 8

_applied: list[str] = []


class PromptAudioBuffer(JitterBuffer):
    """Hands over each audio packet the moment it comes; one that comes after a later one is dropped.

    aiortc waits until four packets are there (80 ms), and a lost one stalls it until 16 have come (320 ms). As it
    takes one frame a packet from its buffer, any wait for a straggler would stay as delay for the whole call.
    """

    def __init__(self) -> None:
        super().__init__(capacity=16)
        self._newest: int | None = None

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        """Take a packet; return (False, the frame to decode now or None)."""
        if self._newest is not None:
            behind = uint16_add(self._newest, -packet.sequence_number)
            if behind < RESTART_PACKETS:
                return False, None
        self._newest = packet.sequence_number
        return False, JitterFrame(data=_payload(packet), timestamp=packet.timestamp)


class PromptVideoBuffer(JitterBuffer):
    """Hands over a picture on its last packet (RTP marker), not on the first packet of the next picture."""

    def __init__(self) -> None:
        super().__init__(capacity=512, is_video=True)

    def _remove_frame(self, sequence_number: int) -> JitterFrame | None:
        packets: list[RtpPacket] = []
        assert self._origin is not None
        for count in range(self.capacity):
            packet = self._packets[(self._origin + count) % self._capacity]
            if packet is None or (packets and packet.timestamp != packets[0].timestamp):
                break
            packets.append(packet)
            if packet.marker:
                self.remove(count + 1)
                return JitterFrame(data=b"".join(_payload(part) for part in packets), timestamp=packet.timestamp)
        return super()._remove_frame(sequence_number)


def _payload(packet: RtpPacket) -> bytes:
    """The codec's part of a packet, which aiortc's receiver notes on it."""
    data: bytes = packet._data  # type: ignore[attr-defined]
    return data


class BitrateSteps:
    """The video bitrate for a receiver's estimates: pinned, with one lower step for a link that stays too narrow.

    Each change makes aiortc build a new encoder and send a key frame, and a browser's estimate wanders by more than
    the 10 % that count as a change all the time.
    """

    def __init__(self) -> None:
        self.bits_per_s = VIDEO_BITS_PER_S
        self._in_a_row = 0

    def step(self, estimate_bits_per_s: int) -> int:
        """Take an estimate and return the bitrate to use from now on."""
        low = self.bits_per_s == VIDEO_LOW_BITS_PER_S
        against = estimate_bits_per_s > VIDEO_BITS_PER_S if low else estimate_bits_per_s < VIDEO_LOW_BITS_PER_S
        self._in_a_row = self._in_a_row + 1 if against else 0
        if self._in_a_row >= (REPORTS_TO_RAISE if low else REPORTS_TO_LOWER):
            self.bits_per_s = VIDEO_BITS_PER_S if low else VIDEO_LOW_BITS_PER_S
            self._in_a_row = 0
        return self.bits_per_s


def apply_patches() -> tuple[str, ...]:
    """Apply every patch that fits the installed aiortc, once in a process; return the names of those in place."""
    if _applied:
        return tuple(_applied)
    if not aiortc.__version__.startswith(KNOWN_VERSIONS):
        log.warning("aiortc %s is not one the patches were written for: it runs as it is", aiortc.__version__)
        return ()
    for name, patch in (
        ("prompt receive buffers", _patch_receive_buffers),
        ("steady video bitrate", _patch_bitrate),
        ("loopback without a network", _patch_host_addresses),
    ):
        if patch():
            _applied.append(name)
        else:
            log.warning("aiortc %s: the patch for %s does not fit and was left out", aiortc.__version__, name)
    return tuple(_applied)


def _patch_receive_buffers() -> bool:
    receiver: Any = rtcrtpreceiver.RTCRtpReceiver
    attribute = "_RTCRtpReceiver__jitter_buffer"
    original: Callable[..., None] = receiver.__init__
    if attribute not in original.__code__.co_names or "is_video" not in inspect.signature(JitterBuffer).parameters:
        return False

    def initialise(self: Any, kind: str, transport: Any) -> None:
        original(self, kind, transport)
        setattr(self, attribute, PromptAudioBuffer() if kind == "audio" else PromptVideoBuffer())

    receiver.__init__ = initialise
    return True


def _patch_bitrate() -> bool:
    encoder: Any = vpx.Vp8Encoder
    attribute = "_Vp8Encoder__target_bitrate"
    if attribute not in encoder.encode.__code__.co_names or not isinstance(encoder.target_bitrate, property):
        return False
    vpx.DEFAULT_BITRATE = VIDEO_BITS_PER_S

    def choose(self: Any, estimate_bits_per_s: int) -> None:
        steps = self.__dict__.setdefault("_bitrate_steps", BitrateSteps())
        setattr(self, attribute, steps.step(estimate_bits_per_s))

    encoder.target_bitrate = property(encoder.target_bitrate.fget, choose)
    return True


def _patch_host_addresses() -> bool:
    """Offer the loopback address too where there is no other: a kiosk may have no network at all."""
    original: Callable[[bool, bool], list[str]] = ice.get_host_addresses
    if list(inspect.signature(original).parameters) != ["use_ipv4", "use_ipv6"]:
        return False

    def host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return original(use_ipv4, use_ipv6) or ["127.0.0.1"]

    ice.get_host_addresses = host_addresses
    return True
