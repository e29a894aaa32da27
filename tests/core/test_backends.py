import logging

import pytest

from runtime.core.backends import BackendState, open_backend
from runtime.core.errors import UserError

STATES = [
    BackendState("speech", "absent", False, remedy="Install it."),
    BackendState("speech", "broken", True, "a fine one", better=True),
    BackendState("speech", "plain", True, "embedded"),
]


def load(name: str) -> str:
    if name == "broken":
        raise UserError("Its file is damaged.")
    return f"{name}, loaded"


def test_auto_takes_the_best_that_loads_and_says_which(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert open_backend("voice", "auto", STATES, load) == "plain, loaded"
    assert "the voice broken can't be used: Its file is damaged." in caplog.text
    assert "speech: plain (embedded)" in caplog.text


def test_one_that_is_named_is_taken_or_says_why_not() -> None:
    assert open_backend("voice", "absent", STATES, load) == "absent, loaded"  # who names it may know better
    with pytest.raises(UserError, match="Its file is damaged"):
        open_backend("voice", "broken", STATES, load)
    with pytest.raises(UserError, match=r"no voice 'other'.*auto or one of absent, broken, plain"):
        open_backend("voice", "other", STATES, load)
    with pytest.raises(UserError, match="No voice can be loaded"):
        open_backend("voice", "auto", STATES[:2], load)
