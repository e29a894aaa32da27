"""Reads the few protocol-buffer messages that MediaPipe's graphs give: landmark lists and classifications.

Encoding: protobuf.dev/programming-guides/encoding. Fields: mediapipe/framework/formats/{landmark,classification}.proto.
"""

import struct
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_POINT: Final = np.dtype(
    [("head", "u1", 3), ("x", "<f4"), ("y_tag", "u1"), ("y", "<f4"), ("z_tag", "u1"), ("z", "<f4")]
)
_HEAD: Final = (0x0A, 0x0F, 0x0D)
"""A landmark of 15 bytes follows; its first field is x as a float."""


def landmarks(message: bytes) -> NDArray[np.float32]:
    """Return a NormalizedLandmarkList as (n, 3) float32: x and y as shares of the picture, z in the unit of x.

    Raises:
        ValueError: the bytes are no such message.
    """
    if len(message) % _POINT.itemsize == 0:  # every point has x, y, z and no more: the usual case, 50 times as fast
        points = np.frombuffer(message, _POINT)
        if (points["head"] == _HEAD).all() and (points["y_tag"] == 0x15).all() and (points["z_tag"] == 0x1D).all():
            return np.stack((points["x"], points["y"], points["z"]), -1)
    rows = [_point(value) for number, value in _fields(message) if number == 1 and isinstance(value, bytes)]
    return np.array(rows, np.float32).reshape(-1, 3)


def classifications(message: bytes) -> list[tuple[str, float]]:
    """Return a ClassificationList as (label, score), in its order. Raises ValueError as `landmarks`."""
    found = []
    for number, value in _fields(message):
        if number == 1 and isinstance(value, bytes):
            fields = dict(_fields(value))
            label, score = fields.get(3, b""), fields.get(2, 0.0)
            found.append((label.decode() if isinstance(label, bytes) else "", float(score)))
    return found


def _point(message: bytes) -> tuple[float, float, float]:
    fields = dict(_fields(message))
    return float(fields.get(1, 0.0)), float(fields.get(2, 0.0)), float(fields.get(3, 0.0))


def _fields(message: bytes) -> Iterator[tuple[int, bytes | float]]:
    """Yield number and value of each field; a 32-bit field is taken as a float."""
    at = 0
    try:
        while at < len(message):
            key, at = _varint(message, at)
            kind = key & 7
            if kind == _VARINT:
                value, at = _varint(message, at)
                yield key >> 3, float(value)
            elif kind == _FIXED32:
                yield key >> 3, struct.unpack_from("<f", message, at)[0]
                at += 4
            elif kind == _FIXED64:
                yield key >> 3, struct.unpack_from("<d", message, at)[0]
                at += 8
            elif kind == _BYTES:
                length, at = _varint(message, at)
                if at + length > len(message):
                    raise ValueError("a field is longer than its message")
                yield key >> 3, message[at : at + length]
                at += length
            else:
                raise ValueError(f"no field begins with {key}")
    except (IndexError, struct.error) as error:
        raise ValueError("the message breaks off") from error


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
