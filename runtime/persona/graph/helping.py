"""A brain that sends people in an emergency to help at once, before anything else is thought of."""

from collections.abc import AsyncIterator
from typing import Final

from runtime.core.messages import Phrase, UserTurn
from runtime.persona.brain import Brain, closed, phrases_of
from runtime.persona.graph.emergency import Alarm, Emergency
from runtime.persona.memory import Context
from runtime.persona.persona import Danger, EmergencyHelp, Persona

PREFIX: Final = "help:"
"""The source of a phrase that sends to help is this and the kind of emergency."""
WORDS: Final[dict[Danger, str]] = {
    "chest_pain": "Please call {call} now, or ask somebody near you to call. Chest pain can come from the heart. Sit "
    "down and rest, "
    "and don't drive yourself.",
    "stroke": "Please call {call} now. These can be signs of a stroke, and every minute counts. Note when it began, "
    "and don't eat "
    "or drink.",
    "breathing": "Please call {call} now. Trouble breathing can't wait. Sit upright, loosen tight clothes, and use "
    "your inhaler if you "
    "have one. If somebody is choking, call for help and give firm blows between the shoulder blades.",
    "bleeding": "Please call {call} now. Press firmly on the wound with a clean cloth, and don't let go until help "
    "is there.",
    "self_harm": "I'm very glad that you said this, and I'm sorry that it is so hard. You don't have to be alone "
    "with it. If you might "
    "act on it, please call {call} now, or go to the nearest hospital. {helpline} Please stay with somebody you "
    "trust until then, and "
    "away from anything you could hurt yourself with.",
    "poisoning": "Please call {call} now, or your poison centre. Don't make anybody vomit, and keep the package for "
    "the helpers.",
    "allergic_shock": "Please call {call} now. Swelling of face, tongue or throat can be an allergic shock. If there "
    "is an adrenaline "
    "pen, use it now. Lie down with your legs raised, or sit up if breathing is hard.",
    "unconscious": "Please call {call} now. Check whether the person breathes. If they breathe, lay them on their "
    "side; if not, begin to "
    "press the chest hard and fast, and follow what the emergency call tells you.",
    "injury": "Please call {call} now. Keep still, don't move anybody who may have hurt neck or back, and cool a "
    "burn with running "
    "water.",
    "help": "Please call {call} now, or ask the nearest person to call for you.",
}
"""What is said where the persona's file has no words of its own. Written after general first aid guidance."""

REMINDER: Final = "If you have not called yet, please call {call} first."
CARE: Final = "Please stay with somebody you trust, and call {call} if it gets too hard."
"""Said once, before the answer to the turn after an emergency."""


class HelpFirst:
    """Goes around every other brain: an emergency is answered at once, everything else is the inner brain's."""

    def __init__(self, brain: Brain, persona: Persona) -> None:
        self._brain = brain
        self._help = persona.emergency or EmergencyHelp.model_validate({})
        self._emergency = Emergency()

    def greet(self) -> AsyncIterator[Phrase]:
        """See `Brain.greet`."""
        return self._brain.greet()

    async def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        """See `Brain.respond`."""
        alarm = self._emergency.find(turn.text) or self._emergency.find(turn.alternative)
        if alarm is not None:
            for phrase in help_for(alarm, self._help):
                yield phrase
            return
        last = context.last.source
        if last.startswith(PREFIX):
            reminder = CARE if last == f"{PREFIX}self_harm" else REMINDER
            for phrase in phrases_of(reminder.replace("{call}", self._help.call), "calm", "answer"):
                yield phrase
        async with closed(self._brain.respond(turn, context)) as stream:
            async for phrase in stream:
                yield phrase


def help_for(alarm: Alarm, told: EmergencyHelp) -> list[Phrase]:
    """Return what is said in an emergency."""
    words = told.words.get(alarm.kind, WORDS[alarm.kind])
    text = words.replace("{call}", told.call).replace("{helpline}", told.helpline)
    here = "" if alarm.kind == "self_harm" or not told.here else f" {told.here}"
    return phrases_of(text + here, "calm" if alarm.kind == "self_harm" else "concerned", "answer", PREFIX + alarm.kind)
