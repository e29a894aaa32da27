"""Gestures: what a hand says and does, from its landmarks over a second."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.run import Run

SUMMARY = "21 hand landmarks over up to 1 s to 13 gestures and none"
DATA = ("gesture", "gesture/hands", "face/clips", "face/portraits")
EXTRACTED = DATA[1:]


def train(run: "Run") -> None:
    """Train teacher and student, score both and save the student."""
    from training.gesture.learn import train as go

    go(run)
