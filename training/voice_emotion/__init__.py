"""Voice emotion: seven classes and arousal from 2 s of speech."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.run import Run

SUMMARY = "2 s of speech to 7 emotions and arousal, whoever speaks"
DATA = ("voice_emotion/emodb", "speech/librispeech_other")


def train(run: "Run") -> None:
    """Score by leaving each speaker out in turn, then train teacher and student on all and save the student."""
    from training.voice_emotion.course import train as go

    go(run)
