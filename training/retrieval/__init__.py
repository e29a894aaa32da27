"""Sentences as vectors: those that mean alike lie near each other."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from training.run import Run

SUMMARY: Final = "sentence -> vector of 384 numbers, distilled from all-MiniLM-L6-v2"
DATA: Final = (
    "text/banking77",
    "text/goemotions",
    "text/chatterbot",
    "text/sgd_dialogues_dev.jsonl.gz",
    "text/medquad.jsonl.gz",
)


def train(run: "Run") -> None:
    """Train the model; see `training.retrieval.train`."""
    from training.retrieval.train import train as begin

    begin(run)
