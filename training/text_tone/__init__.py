"""The tone of words: what somebody says, to the emotion in it."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from training.run import Run

SUMMARY: Final = "words -> seven emotions, valence and arousal, from GoEmotions"
DATA: Final = ("text/goemotions", "text/sgd_dialogues_dev.jsonl.gz", "text/medquad.jsonl.gz", "text/banking77")


def train(run: "Run") -> None:
    """Train the model; see `training.text_tone.train`."""
    from training.text_tone.train import train as begin

    begin(run)
