"""What visitors say without naming what they need ("my feet hurt"), and words in the frames of questions.

As in `visitors`, sentences are put together from parts, and the teacher alone says what they mean.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from training.retrieval.visitors import items

_WHO: Final = items("""
i|we|my wife|my husband|my son|my daughter|the kids|our children|my mother|my father|my friend|our baby|my grandmother
my grandfather|my little one|my brother|my sister|one of us|somebody|a man over there|a woman|my parents|the boy
my partner|my colleague|my class|our group|some of us|a child
""")
_STATE: Final = items("""
hungry|starving|famished|thirsty|tired|exhausted|worn out|sleepy|cold|freezing|too hot|sweating|sick|ill|dizzy|fainting
hurt|injured|bleeding|in pain|limping|pregnant|bored|lost|late|early|in a hurry|scared|afraid|nervous|overwhelmed|angry
annoyed|furious|disappointed|happy|excited|curious|confused|stuck|wet|soaked|dirty|alone|blind|deaf|hard of hearing
short sighted|disabled|in a wheelchair|on crutches|lame|allergic|diabetic|vegetarian|vegan|retired|unemployed|broke
poor|a student|a pupil|a teacher|a member|a pensioner|a tourist|a journalist|a beginner|an expert|new here
three years old|eight years old|thirteen|eighteen|sixty|eighty years old|very small|very old|too young|missing|gone
crying|asleep|drunk|noisy|rude
""")
_DEED: Final = items("""
has to pee|has to go badly|needs to go to the toilet|wants to wash up|needs to sit down|needs a rest|needs a break
can't stand any longer|can't walk far|can't climb stairs|can't see well|can't hear you|can't read that
can't breathe well|can't come after all|can't find the way|can't get in|can't get out|can't pay|forgot the ticket
lost the ticket|forgot a coat|dropped the phone|broke a glass|broke a leg|cut a finger|fell down|hit a head|threw up
fainted|has a headache|has a fever|has a cough|has aching feet|has a sore back|has a cold|has wet shoes|has no money
has no cash|has only coins|has a big suitcase|has a heavy bag|has a dog along|has a stroller|has a walker
has an appointment|has a reservation|has a birthday|has a complaint|has a question|has an hour left|has no time
doesn't eat meat|doesn't drink milk|doesn't speak english|doesn't understand|doesn't like crowds|doesn't like noise
wants a snack|wants a drink|wants something sweet|wants something warm|wants a cigarette|wants fresh air|wants sunshine
wants a souvenir|wants something to read|wants some peace|wants to play|wants to draw|wants to build something
wants to dance|wants to watch a film|wants to see the stars|wants to see animals|wants to see pictures|wants to learn
wants to go home|wants to go outside|wants to go up|wants to go down|wants to come back later|wants to stay longer
wants to leave|wants to leave things here|wants to lock things away|wants to hang up a coat|wants to get married
wants to celebrate|wants to give a present|wants to help out|wants to work here|wants to join|wants to sign up
wants to call home|wants to talk to a human|wants to talk to the boss|wants to take a picture|wants to go online
wants to feed the baby|ran away|ran out of battery|ran out of money|missed the bus|missed the show|came by car
came by bike|came by train|came from far away|came for the first time|arrived just now|parked outside|smells smoke
heard a noise|hears an alarm|found a wallet|found a phone|found a key|found a child|bought the wrong thing
bought too much|paid too much|paid twice|got a discount|got nothing back|turns ten tomorrow
""")
_TROUBLE: Final = items("""
my phone is dying|my battery is empty|my screen is black|there is no signal|the page does not load|my bag is too heavy
my shoes are wet|my feet are killing me|my back is killing me|my head aches|my nose runs|my hands are sticky
it is too loud|it is too dark|it is too bright|it is too warm in here|it is so crowded|the queue is so long
the door is locked|the machine took my money|the machine is broken|the lift is stuck|the light is out|the tap drips
the toilet is blocked|there is no paper left|there is water on the floor|there is a fire|somebody is shouting
somebody stole my bag|somebody took my seat|somebody lies on the floor|the baby is hungry|the baby needs changing
the diaper is full|the train leaves soon|it is raining outside|the sun is shining|it is getting late|time is short
there is nothing to do|there is too much to see|everything is so expensive|nobody helps us|nobody answers
the answer was wrong|the ticket does not work|the card was refused|the app does not work|the guide is not here
""")
_THEN: Final = items("""
what now|what can we do|what should i do|where do we go|where should i go|can you help|can somebody help
is there anything for that|is there something here|is that a problem|is that all right|is that possible|does that work
how does that work|what does it cost then|how much is it then|is it cheaper then|do we pay less|may we come in
when is the best time|which way is it|who can help|who do i ask|any ideas|what do you suggest|please|please help
""")
_FRAMES: Final = items("""
where is the {}|is there a {} here|do you have {}|i need {}|i want to {}|can i {} here|i am {}|we are {}|is it {}
my {} is gone|how much is the {}|is {} allowed|tell me about {}|something about {}|something for {}|i like {}
what is {}|what does {} mean|who is {}|when is {}|how do i {}|the {} please|any {}|is the {} open|no {} please
""")


def situations(count: int, chooser: np.random.Generator) -> list[str]:
    """Return `count` remarks drawn by chance, each once; fewer where so many are not to be had."""
    found: dict[str, None] = {}
    for _ in range(4 * count):
        kind = chooser.random()
        if kind < 0.3:
            text = f"{_any(_WHO, chooser)} is {_any(_STATE, chooser)}"
        elif kind < 0.85:
            text = f"{_any(_WHO, chooser)} {_any(_DEED, chooser)}"
        else:
            text = _any(_TROUBLE, chooser)
        if chooser.random() < 0.4:
            text = f"{text} {_any(_THEN, chooser)}"
        found[_agreeing(text)] = None
        if len(found) == count:
            break
    return list(found)


def framed(words: Sequence[str], count: int, chooser: np.random.Generator) -> list[str]:
    """Return `count` sentences, each word in turn in a frame drawn by chance."""
    return [_any(_FRAMES, chooser).format(words[number % len(words)]) for number in range(count)]


def _any(parts: Sequence[str], chooser: np.random.Generator) -> str:
    return parts[int(chooser.integers(len(parts)))]


def _agreeing(text: str) -> str:
    """Return a remark about "i" or "we" with the verb in its form."""
    who, verb, *rest = text.split()
    if who not in ("i", "we"):
        return text
    plain = {"is": "am" if who == "i" else "are", "has": "have", "doesn't": "don't"}
    verb = plain.get(verb, verb.removesuffix("s") if verb in ("needs", "wants", "smells", "hears", "turns") else verb)
    return " ".join((who, verb, *rest))
