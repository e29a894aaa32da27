"""What a session is made of."""

from collections.abc import Callable
from dataclasses import dataclass, field

from runtime.avatar.client import Character
from runtime.core.messages import EndOfTurn, Perception, SessionEvent
from runtime.noticing import EyesMaker, Feelings
from runtime.perception.listener import Listener
from runtime.persona.brain import Brain
from runtime.persona.people.people import People
from runtime.persona.persona import Persona
from runtime.voice.client import Voice
from runtime.voice.synthesizer import VoiceStyle

ListenerMaker = Callable[[str, Callable[[SessionEvent | EndOfTurn], None]], Listener]


@dataclass(frozen=True)
class Parts:
    """The rooms of one session, or what makes them; the makers take the session's id.

    `persona` is who the character is by now. `look_up` as in `Remembering`. `guard` goes around the brain and its
    memory of people: what sends to help, and what watches over what is heard and said. While an experiment is under
    way, `vary` returns the parts of the `variant` that falls to a visit's id or a person's token: they differ in
    persona, brain, look_up, guard and style alone.
    """

    persona: Callable[[], Persona]
    brain: Brain
    voice: Voice
    style: VoiceStyle
    make_character: Callable[[str], Character]
    make_listener: ListenerMaker
    make_eyes: EyesMaker | None = None
    feelings: Feelings | None = None
    people: People | None = None
    look_up: Brain | None = None
    guard: Callable[[Brain], Brain] = lambda brain: brain
    allowed: Perception = field(default_factory=lambda: Perception(show=True))
    variant: str = ""
    vary: Callable[[str], "Parts"] | None = None
