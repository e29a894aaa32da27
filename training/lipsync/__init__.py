"""Lip-sync: the mouth from the sound of any voice."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.run import Run

SUMMARY = "speech of any voice, 16 kHz, to ARKit mouth curves at 50/s, at most 80 ms behind"
DATA = ("lipsync/facegood", "speech/ljspeech", "speech/librispeech_other", "text/banking77", "text/medquad.jsonl.gz")


def train(run: "Run") -> None:
    """Train teacher and student, score both and save the student."""
    from training.lipsync.course import train as go

    go(run)
