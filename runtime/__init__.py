"""A real-time interactive avatar: it sees, hears, thinks, answers aloud and moves its face in time with its voice."""

__version__ = "0.1.0"
