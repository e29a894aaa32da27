"""Whether a turn is over: from the words so far, the voice before the pause and the pause."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from training.run import Run

SUMMARY: Final = "text so far, pause so far, pitch and energy before it -> chance that the turn is over"
DATA: Final = ("text/sgd_dialogues_dev.jsonl.gz", "text/banking77", "text/chatterbot")


def train(run: "Run") -> None:
    """Train the model; see `training.endpoint.train`."""
    from training.endpoint.train import train as begin

    begin(run)
