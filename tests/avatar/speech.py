"""Utterances as espeak-ng timed them (en-us, 165 words a minute), for the tests of the moving face."""

from runtime.core.messages import TimedPhoneme

# "Welcome, how may I help you?"
WELCOME = tuple(
    TimedPhoneme(symbol, start, end, stress)
    for symbol, start, end, stress in (
        ("w", 0.0, 0.1045, 0),
        ("ɛ", 0.1045, 0.2903, 1),
        ("l", 0.2903, 0.3313, 0),
        ("k", 0.3313, 0.3797, 0),
        ("ʌ", 0.3797, 0.4668, 0),
        ("m", 0.4668, 0.5522, 0),
        ("_", 0.5522, 0.7312, 0),
        ("h", 0.7312, 0.7963, 0),
        ("aʊ", 0.7963, 0.9309, 2),
        ("m", 0.9309, 1.0064, 0),
        ("eɪ", 1.0064, 1.1051, 1),
        ("aɪ", 1.1051, 1.2154, 0),
        ("h", 1.2154, 1.2814, 0),
        ("ɛ", 1.2814, 1.5484, 1),
        ("l", 1.5484, 1.5894, 0),
        ("p", 1.5894, 1.6704, 0),
        ("j", 1.6704, 1.7372, 0),
        ("uː", 1.7372, 1.8138, 0),
        ("_", 1.8138, 2.1, 0),
    )
)
WELCOME_S = 2.1


def spoken(symbols: str, length_s: float = 0.09, stress: int = 0) -> tuple[tuple[TimedPhoneme, ...], float]:
    """Return the space-separated `symbols`, each `length_s` long, and how long they are together."""
    names = symbols.split()
    times = [i * length_s for i in range(len(names) + 1)]
    phonemes = tuple(TimedPhoneme(s, a, b, stress) for s, a, b in zip(names, times, times[1:], strict=False))
    return phonemes, times[-1]
