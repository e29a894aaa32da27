"""Personal data does not reach a log, and other numbers do."""

import io
import logging

import pytest

from runtime.core.masking import mask, mask_logs


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to jo.doe+x@mail.example.com now", "write to [mail] now"),
        ("it is jo dot doe at example dot com", "it is [mail]"),
        ("call +49 30 1234567 or (555) 123-4567", "call [phone] or [phone]"),
        ("call 030 1234567", "call [phone]"),
        ("call 0171/2345678", "call [phone]"),
        ("555-123-4567", "[phone]"),
        ("card 4111 1111 1111 1111 please", "card [card] please"),
        ("card 5500-0000-0000-0004", "card [card]"),
        ("IBAN DE89 3704 0044 0532 0130 00 for it", "IBAN [account] for it"),
        ("GB82WEST12345698765432", "[account]"),
        ("hello, my name is Anna Maria Schmidt and I am late", "hello, my name is [name] and I am late"),
        ("my name's o'neil", "my name's [name]"),
        ("it is four one one one two two two three", "it is [number]"),
        ("postgresql://ada:secret@db/people", "postgresql://[access]@db/people"),
    ],
)
def test_personal_data_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21 09:28:41,123 INFO runtime.engine: ready in 12.345 s",
        "listening on 127.0.0.1:8080, pid 123456",
        "10485760 bytes at 0x7f3c12345678, 48000 Hz",
        "card 4111 1111 1111 1112",
        "turn 12345678901234 took 1234567890 ns",
        "sha256 a4099af5c7096fedb10381a4e09010cc3b32b02ba305f6d40e4876fb0ec9d765",
        "one two three",
        "the name of the file is wrong",
        "open from 10 to 18, room 204",
    ],
)
def test_other_numbers_and_words_stay(text: str) -> None:
    assert mask(text) == text


def test_logs_of_every_logger_are_masked_with_their_tracebacks() -> None:
    stream = io.StringIO()
    logger = logging.getLogger("test.masking")
    logger.propagate = False
    logger.addHandler(logging.StreamHandler(stream))
    mask_logs(logger)
    mask_logs(logger)
    assert len(logger.handlers[0].filters) == 1
    try:
        logging.getLogger("test.masking.inner").warning("from %s: %d", "jo@example.com", 3)
        try:
            raise ValueError("my name is Jo")
        except ValueError:
            logger.exception("failed for +49 30 1234567")
    finally:
        logger.handlers.clear()
    written = stream.getvalue()
    assert "from [mail]: 3" in written
    assert "failed for [phone]" in written
    assert "ValueError: my name is [name]" in written
    assert "Jo" not in written.replace("[name]", "")
