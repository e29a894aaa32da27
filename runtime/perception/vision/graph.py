"""One MediaPipe graph: a picture in, serialised messages out."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.perception.vision.library import bindings, quiet

log = logging.getLogger(__name__)

MIN_SIDE_PX: Final = 16
"""In a picture smaller than this on a side nothing is looked for; MediaPipe divides by its size."""

Outputs = dict[str, list[bytes]]


class Graph:
    """A running graph. It tracks from picture to picture, so each camera needs its own.

    `configuration` are the arguments of MediaPipe's CalculatorGraph; `as_image` says whether the graph takes its newer
    Image or the older ImageFrame. A graph that failed is started again for the next picture.
    """

    def __init__(
        self,
        configuration: Mapping[str, str],
        stream: str,
        outputs: tuple[str, ...],
        side: Mapping[str, int | bool] | None = None,
        as_image: bool = False,
    ) -> None:
        self.failures = 0
        self._configuration = dict(configuration)
        self._stream = stream
        self._outputs = outputs
        self._side = dict(side or {})
        packets = bindings()._packet_creator
        self._pack: Callable[..., Any] = (
            packets._create_image_from_pixel_data if as_image else packets._create_image_frame_from_pixel_data
        )
        self._got: dict[str, Any] = {}
        self._last_us = 0
        self._graph: Any = None

    def start(self) -> None:
        """Start the graph, that is, load its models.

        Raises:
            UserError: MediaPipe refuses its configuration or its model file.
        """
        try:
            with quiet():
                self._graph = self._graph or self._start()
        except (RuntimeError, ValueError, OSError) as error:
            raise UserError(
                f"MediaPipe can't start: {error}.", "Check the model file that the settings name."
            ) from None

    def run(self, rgb: NDArray[np.uint8], time_s: float) -> Outputs:
        """Return the messages of each output for a picture (height, width, 3) taken at `time_s`; none if it failed."""
        if min(rgb.shape[:2]) < MIN_SIDE_PX:
            return {}
        library = bindings()
        self._last_us = max(self._last_us + 1, round(time_s * 1e6))  # MediaPipe insists that times rise
        picture = np.ascontiguousarray(rgb)
        try:
            with quiet():
                if self._graph is None:
                    self._graph = self._start()
                self._got.clear()
                packet = self._pack(library.image_frame.ImageFormat.SRGB, picture, True)
                self._graph.add_packet_to_input_stream(self._stream, packet.at(self._last_us))
                self._graph.wait_until_idle()
                return {name: _messages(packet) for name, packet in self._got.items()}
        except (RuntimeError, ValueError) as error:
            self.failures += 1
            (log.warning if self.failures == 1 else log.debug)("mediapipe failed on a picture: %s", error)
            self.close()
            return {}

    def close(self) -> None:
        """End the graph; `run` would start it again."""
        graph, self._graph = self._graph, None
        if graph is not None:
            try:
                with quiet():
                    graph.close()
            except (RuntimeError, ValueError) as error:
                log.debug("closing a graph: %s", error)

    def _start(self) -> Any:
        library = bindings()
        graph = library.calculator_graph.CalculatorGraph(**self._configuration)
        for name in self._outputs:
            graph.observe_output_stream(name, self._got.__setitem__, True)
        packets = library._packet_creator
        graph.start_run(
            {k: packets.create_bool(v) if isinstance(v, bool) else packets.create_int(v) for k, v in self._side.items()}
        )
        graph.wait_until_idle()  # models are loaded by MediaPipe's own threads; what they say belongs to the start
        return graph


def _messages(packet: Any) -> list[bytes]:
    if packet.is_empty():
        return []
    return list(bindings()._packet_getter._get_serialized_proto_list(packet))
