"""The messages that graphs give, written by hand as protocol buffers write them."""

import struct

import numpy as np
import pytest

from runtime.perception.vision.wire import classifications, landmarks


def field(number: int, value: float | bytes) -> bytes:
    if isinstance(value, bytes):
        return bytes([number << 3 | 2, len(value)]) + value
    return bytes([number << 3 | 5]) + struct.pack("<f", value)


def point(x: float, y: float, z: float, *more: bytes) -> bytes:
    return field(1, field(1, x) + field(2, y) + field(3, z) + b"".join(more))


def test_landmarks_are_read_the_same_with_and_without_further_fields() -> None:
    rows = np.random.default_rng(1).normal(size=(478, 3)).astype(np.float32)
    plain = b"".join(point(x, y, z) for x, y, z in rows.tolist())
    visible = b"".join(point(x, y, z, field(4, 0.5), field(5, 0.25)) for x, y, z in rows.tolist())
    np.testing.assert_array_equal(landmarks(plain), rows)
    np.testing.assert_array_equal(landmarks(visible), rows)
    assert landmarks(plain).dtype == np.float32


def test_fields_may_be_missing_unknown_or_many_bytes_long() -> None:
    long = b"\x0a\x8f\x01" + field(1, 1.0) + field(2, 2.0) + b"\x32\x82\x01" + bytes(130)
    message = long + field(1, field(2, 0.5)) + b"\x50\xac\x02" + b"\x59" + struct.pack("<d", 7.0)
    np.testing.assert_array_equal(landmarks(message), np.array([[1, 2, 0], [0, 0.5, 0]], np.float32))
    assert landmarks(b"").shape == (0, 3)


def test_classifications_have_labels_and_scores() -> None:
    message = field(1, b"\x08\x01" + field(2, 0.75) + field(3, b"Right")) + field(1, b"\x08\x00" + field(2, 0.5))
    assert classifications(message) == [("Right", 0.75), ("", 0.5)]


@pytest.mark.parametrize(
    "message", [b"\x0a", b"\x0a\x05\x0d", b"\x0d\x00", b"\x0f", b"\xff\xff", b"\x0a\x0f" + bytes(16)]
)
def test_what_is_no_message_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match=r"breaks off|longer than|no field"):
        landmarks(message)
