"""One remote peer over WebRTC: offer and answer, the data channel, and knowing when it is gone."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.sdp import SessionDescription, candidate_from_sdp

from runtime.core.errors import UserError
from runtime.delivery.source import MediaSource
from runtime.delivery.tracks import CharacterAudioTrack, CharacterVideoTrack, MediaClock, drain_audio

log = logging.getLogger(__name__)

MAX_MEDIA_SECTIONS = 8
MAX_SDP_CANDIDATES = 64
CONNECT_WITHIN_S = 15.0
SILENT_AFTER_S = 15.0
WATCH_INTERVAL_S = 2.0
CLOSE_WITHIN_S = 2.0
MAX_BUFFERED_BYTES = 512 * 1024  # on the data channel: beyond it the peer does not read, and messages are dropped
VIDEO_CODEC: Final = "video/VP8"

Consume = Callable[[MediaStreamTrack], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class PeerHandlers:
    """What a peer calls: `message` with each text or bytes from the data channel;
    `microphone`, `camera` and `other` are run as tasks, each with the track it must read to its end; `gone` with the
    reason, once, when the peer has left or was lost."""

    message: Callable[[str | bytes], None]
    microphone: Consume
    camera: Consume
    other: Consume
    gone: Callable[[str], None]


class Peer:
    """A peer that takes a source's sound and picture. It outlives its connection: `answer` with `restart` makes a new
    one under the same peer, and media go on where they stood."""

    def __init__(self, source: MediaSource, handlers: PeerHandlers, ice_servers: Sequence[str] = ()) -> None:
        self.clock = MediaClock()
        self.dropped_messages = 0
        self._source = source
        self._handlers = handlers
        self._ice_servers = [to_ice_server(server) for server in ice_servers]
        self._connection: RTCPeerConnection | None = None
        self._channel: RTCDataChannel | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._drain: asyncio.Task[None] | None = None
        self._closed = False
        self._negotiating = asyncio.Lock()

    async def answer(self, sdp: str, restart: bool = False) -> str:
        """Take an offer and return the answer's SDP; a further offer renegotiates, or with `restart` begins anew.

        Raises:
            UserError: the offer can't be understood, or shares nothing with what is offered here.
        """
        description = parse_offer(sdp)
        async with self._negotiating:
            if self._closed:
                raise UserError("This conversation is over.", "Begin a new one.")
            connection = self._connection
            if connection is None or restart:
                await self._end_connection()
                connection = self._begin_connection(description)
            try:
                await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
                self._choose_media(connection)
                await connection.setLocalDescription(await connection.createAnswer())
            except Exception as error:  # aiortc raises many kinds of error for an offer that is wrong
                raise UserError(
                    f"The offer can't be answered: {error}.", "Send a WebRTC offer as browsers do."
                ) from error
            return str(connection.localDescription.sdp)

    async def add_candidate(self, candidate: str, sdp_mid: str | None, sdp_mline_index: int | None) -> None:
        """Take one more address of the peer's; an empty one says that there are no more.

        Raises:
            UserError: it can't be understood, or belongs to no part of the offer.
        """
        if self._connection is None:
            raise UserError("There is no offer yet that this candidate could belong to.", "Send the offer first.")
        text = candidate.removeprefix("candidate:").strip()
        if not text:
            return
        try:
            parsed = candidate_from_sdp(text)
            parsed.sdpMid, parsed.sdpMLineIndex = sdp_mid, sdp_mline_index
            if parsed.protocol.lower() == "udp":
                await self._connection.addIceCandidate(parsed)
        except (ValueError, AssertionError, IndexError, AttributeError) as error:
            raise UserError(f"The candidate can't be understood: {error}.", "Send it as the browser gave it.") from None

    def send(self, text: str) -> bool:
        """Send text on the data channel; return False where it is not open, or the peer does not read."""
        channel = self._channel
        if channel is None or channel.readyState != "open":
            return False
        if channel.bufferedAmount + len(text) > MAX_BUFFERED_BYTES:
            self.dropped_messages += 1
            return False
        channel.send(text)
        return True

    async def close(self) -> None:
        """Hang up and give everything back; safe to call again."""
        self._closed = True
        async with self._negotiating:
            await self._end_connection()

    # ------------------------------------------------------------ one connection

    def _begin_connection(self, description: SessionDescription) -> RTCPeerConnection:
        bundled = any(group.semantic == "BUNDLE" for group in description.group)
        policy = RTCBundlePolicy.MAX_BUNDLE if bundled else RTCBundlePolicy.BALANCED
        connection = RTCPeerConnection(RTCConfiguration(iceServers=self._ice_servers, bundlePolicy=policy))
        self._connection = connection
        for media in description.media:  # before the offer is applied: aiortc takes codec preferences only then
            if media.kind == "audio" and not _transceivers(connection, "audio"):
                connection.addTransceiver(CharacterAudioTrack(self._source, self.clock), direction="sendrecv")
            elif media.kind == "video" and not _transceivers(connection, "video"):
                video = connection.addTransceiver(CharacterVideoTrack(self._source, self.clock), direction="sendrecv")
                video.setCodecPreferences(_video_codecs())
        connection.on("connectionstatechange", lambda: self._state_changed(connection))
        connection.on("datachannel", self._take_channel)
        connection.on("track", lambda track: self._take_track(connection, track))
        self._run(self._watch(connection), "watch peer")
        return connection

    def _choose_media(self, connection: RTCPeerConnection) -> None:
        """Take one microphone and one camera; decline further tracks. Read the sound ourselves if the peer won't."""
        for kind in ("audio", "video"):
            for extra in _transceivers(connection, kind)[1:]:
                extra.direction = "inactive"
        audio = _transceivers(connection, "audio")
        heard = bool(audio) and audio[0]._offerDirection in ("sendrecv", "sendonly")
        if heard and self._drain is not None:
            self._drain.cancel()
            self._drain = None
        elif not heard and self._drain is None:
            self._drain = self._run(drain_audio(self._source, self.clock), "drain audio")

    async def _end_connection(self) -> None:
        connection, self._connection, self._channel, self._drain = self._connection, None, None, None
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        if connection is not None:
            connection.remove_all_listeners()
            for transceiver in connection.getTransceivers():
                if transceiver.sender.track is not None:
                    transceiver.sender.track.stop()
            try:
                async with asyncio.timeout(CLOSE_WITHIN_S):
                    await connection.close()
            except TimeoutError:
                log.warning("a peer connection took over %.0f s to close", CLOSE_WITHIN_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.clock.stop()

    def _run(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s failed", task.get_name(), exc_info=error)
            self._gone(f"{task.get_name()} failed")

    # ------------------------------------------------------------ what a connection tells

    def _state_changed(self, connection: RTCPeerConnection) -> None:
        if connection is self._connection and connection.connectionState in ("closed", "failed"):
            self._gone(f"the connection {connection.connectionState}")

    def _take_channel(self, channel: RTCDataChannel) -> None:
        if self._channel is not None and self._channel.readyState == "open":
            channel.close()
            return
        self._channel = channel
        channel.on("message", self._handlers.message)

    def _take_track(self, connection: RTCPeerConnection, track: MediaStreamTrack) -> None:
        first = _transceivers(connection, track.kind)[:1]
        if not first or first[0].receiver.track is not track:
            self._run(self._handlers.other(track), "drain track")
        elif track.kind == "audio":
            self._run(self._handlers.microphone(track), "microphone")
        else:
            self._run(self._handlers.camera(track), "camera")

    async def _watch(self, connection: RTCPeerConnection) -> None:
        """Notice a peer that never connects, or from which nothing comes any more: not even receiver reports."""
        waited_s, received = 0.0, -1
        while True:
            await asyncio.sleep(WATCH_INTERVAL_S)
            waited_s += WATCH_INTERVAL_S
            if connection.connectionState == "connected":
                count = _packets_received(connection)
                if count != received:
                    waited_s, received = 0.0, count
                elif waited_s >= SILENT_AFTER_S:
                    self._gone("nothing came from the peer any more")
                    return
            elif waited_s >= CONNECT_WITHIN_S:
                self._gone("the peer did not connect")
                return

    def _gone(self, reason: str) -> None:
        if not self._closed:
            self._closed = True
            self._handlers.gone(reason)


def parse_offer(sdp: str) -> SessionDescription:
    """Return an offer's parsed SDP.

    Raises:
        UserError: it is no SDP, offers nothing, or more than 8 sections or 64 candidates.
    """
    try:
        description = SessionDescription.parse(sdp)
    except Exception as error:  # aiortc's parser raises whatever its string handling does
        raise UserError("The offer's sdp can't be read.", "Send the SDP of a WebRTC offer.") from error
    candidates = sum(len(media.ice_candidates) for media in description.media)
    if not description.media:
        raise UserError("The offer holds no media and no data channel.", "Offer sound, picture or a data channel.")
    if len(description.media) > MAX_MEDIA_SECTIONS or candidates > MAX_SDP_CANDIDATES:
        raise UserError(
            f"The offer has {len(description.media)} sections and {candidates} candidates.",
            f"At most {MAX_MEDIA_SECTIONS} and {MAX_SDP_CANDIDATES} are taken.",
        )
    if any(media.kind not in ("audio", "video", "application") for media in description.media):
        raise UserError("The offer has a section that is not audio, video or application.", "Leave it out.")
    if any(media.ice is None or not media.ice.usernameFragment or media.dtls is None for media in description.media):
        raise UserError("The offer lacks ICE credentials or a DTLS fingerprint.", "Send the offer as it was made.")
    return description


def to_ice_server(address: str) -> RTCIceServer:
    """Return an ICE server for `stun:HOST:PORT` or `turn:USER:PASSWORD@HOST:PORT`."""
    scheme, _, rest = address.partition(":")
    login, at, host = rest.rpartition("@")
    if not at:
        return RTCIceServer(urls=address)
    user, _, password = login.partition(":")
    return RTCIceServer(urls=f"{scheme}:{host}", username=user, credential=password)


def _transceivers(connection: RTCPeerConnection, kind: str) -> list[Any]:
    return [transceiver for transceiver in connection.getTransceivers() if transceiver.kind == kind]


def _video_codecs() -> list[Any]:
    """VP8 first: x264 as aiortc sets it up takes twice the time."""
    codecs = RTCRtpSender.getCapabilities("video").codecs
    return sorted(codecs, key=lambda codec: codec.mimeType.lower() != VIDEO_CODEC.lower())


def _packets_received(connection: RTCPeerConnection) -> int:
    """Packets received on all transports of a connection."""
    transports = {transceiver.receiver.transport for transceiver in connection.getTransceivers()}
    if connection.sctp is not None:
        transports.add(connection.sctp.transport)
    count = 0
    for transport in transports:
        for report in transport._get_stats().values():
            count += report.packetsReceived
    return count
