"""Sentences as vectors with more layers: what `retrieval` does, where some milliseconds are to be had."""

from typing import TYPE_CHECKING, Final

from training.retrieval import DATA as DATA

if TYPE_CHECKING:
    from training.run import Run

SUMMARY: Final = "sentence -> vector of 384 numbers, five of the six layers of all-MiniLM-L6-v2 distilled further"


def train(run: "Run") -> None:
    """Train the model; see `training.retrieval_large.train`."""
    from training.retrieval_large.train import train as begin

    begin(run)
