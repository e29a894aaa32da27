"""What visitors are likely to say to a graph, so that a recogniser of speech listens for it."""

from typing import Final

from runtime.persona.graph.model import Tables
from runtime.persona.persona import normal

SYMPTOM_FRAMES: Final = ("i have {}", "what could cause {}", "and with {}", "without {}")
CONDITION_FRAMES: Final = ("what is {}", "what are the symptoms of {}", "what can i do about {}", "i have {}")
EMERGENCIES_TO_HEAR: Final = (
    "i have chest pain", "my chest hurts", "there is pressure on my chest", "i think it is a heart attack",
    "his face is hanging", "she can not speak", "i can not move my arm", "it is a stroke", "i can not breathe",
    "i have trouble breathing", "she is choking", "it is bleeding badly", "the bleeding does not stop",
    "i want to kill myself", "i want to die", "i do not want to live any more", "i want to hurt myself",
    "he swallowed poison", "i took too many pills", "my tongue is swelling", "my throat is closing",
    "he is unconscious", "she fainted", "he has a seizure", "please call an ambulance",
    "this is an emergency", "please help me",
)  # fmt: skip


def phrases_to_hear(tables: Tables) -> tuple[str, ...]:
    """Return what visitors are likely to say to a graph, normalised: what a recogniser should listen for."""
    said = [frame.format(name) for s in tables.symptoms for name in (s.name, *s.names) for frame in SYMPTOM_FRAMES]
    said += [frame.format(name) for c in tables.conditions for name in c.names for frame in CONDITION_FRAMES]
    return tuple(dict.fromkeys(normal(text) for text in (*said, *EMERGENCIES_TO_HEAR)))
