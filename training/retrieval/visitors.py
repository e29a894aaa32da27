"""Questions that visitors of public places ask, put together from parts: no set of real ones lies at hand.

The teacher alone says what they mean, so that it doesn't matter whether each of them is a good question.
"""

from typing import Final

import numpy as np

_PLACES: Final = """
toilet|restroom|bathroom|washroom|lift|elevator|escalator|staircase|exit|emergency exit|entrance|main entrance
cloakroom|coat check|locker|luggage storage|lost property office|information desk|reception|front desk|ticket office
ticket machine|cash machine|cash point|atm|gift shop|bookshop|museum shop|cafe|coffee bar|restaurant|canteen|snack bar
vending machine|water fountain|drinking water|smoking area|playground|baby changing room|nursing room|first aid room
prayer room|quiet room|waiting room|meeting room|conference room|lecture hall|cinema|theatre|auditorium|stage|gallery
exhibition|permanent collection|sculpture garden|garden|roof terrace|courtyard|library|reading room|archive|laboratory
ward|pharmacy|emergency room|x-ray department|dentist|children's department|gym|swimming pool|sauna|spa|breakfast room
bar|room|suite|conference centre|car park|parking garage|bike rack|taxi rank|bus stop|tram stop|train station|platform
underground station|airport|gate|baggage claim|check-in desk|security check|customs|passport control|charging station
post office|mailbox|bank|supermarket|market|hotel|hospital|police station|town hall|city centre|beach|park|zoo
aquarium|planetarium|dinosaur hall|science museum|cathedral|castle|tower|viewpoint|stadium|university|school|office
office of the|director|ground floor|first floor|second floor|basement|top floor
"""
_THINGS: Final = """
ticket|day ticket|family ticket|group ticket|season ticket|annual pass|reservation|table|room|guided tour|audio guide
map|floor plan|brochure|catalogue|programme|wheelchair|stroller|pushchair|pram|buggy|walking stick|umbrella|coat
jacket|bag|backpack|suitcase|luggage|wallet|purse|keys|phone|mobile phone|charger|camera|tripod|flash|laptop|glasses
scarf|credit card|debit card|cash|voucher|gift card|discount|student discount|receipt|invoice|refund|change|wifi
password|internet|charger|socket|power outlet|water|bottle of water|coffee|tea|sandwich|lunch|breakfast|dinner|snack
cake|vegetarian meal|vegan food|gluten free food|halal food|beer|wine|dog|cat|guide dog|pet|bicycle|bike|scooter
skateboard|balloon|toy|book|postcard|poster|souvenir|present|appointment|prescription|form|passport|identity card
membership card|account|loan|job|internship|school trip|workshop|birthday party|wedding|concert|lecture|film|show
event|exhibition|painting|sculpture|photograph|skeleton|fossil|rocket|model|machine|hearing loop
sign language interpreter|subtitles|large print guide|lift|seat|bench|blanket|towel|nappy|plaster|doctor|nurse
security guard|manager|guide|volunteer
"""
_PEOPLE: Final = """
child|children|kids|baby|toddler|teenager|son|daughter|student|students|adult|senior|pensioner|elderly person|family
group|school class|teacher|disabled person|wheelchair user|blind person|deaf person|unemployed person|local resident
tourist|member|friend|wife|husband|mother|grandfather|two adults and two children|under twelve|over sixty five
"""
_TIMES: Final = """
today|tomorrow|tonight|now|this morning|this afternoon|this evening|this weekend|next week|on monday|on tuesday
on wednesdays|on thursday|on friday|on saturdays|on sundays|on weekends|on public holidays|at christmas
on new year's day|at easter|in winter|in summer|at noon|at six|after five|before ten|in the morning|in the evening
late|early|every day
"""
_DEEDS: Final = """
take photos|take pictures|use flash|film|eat|drink|smoke|sit down|rest|lie down|touch it|touch the objects|draw|run
bring food|bring my own lunch|bring a dog|leave my bag|leave my coat|store my luggage|park my car|charge my phone
charge my car|pay by card|pay in cash|pay with my phone|get a refund|get a discount|change my booking
cancel my booking|book a tour|book a table|book online|buy a ticket|buy a ticket online|come back later
leave and come back|re-enter|wait|wait inside|meet somebody|make a phone call|print something|borrow an umbrella
borrow a wheelchair|rent a bike|hire a room|hold a party|get married|work here|volunteer|donate|become a member
make a complaint|leave feedback|speak to the manager|speak to a human|call a taxi|get a taxi|order food
hear the commentary|feed my baby|change the baby|wash my hands|get water|use the internet|connect to the wifi
join the tour|bring children|come with a group|touch the animals|swim|climb the tower|see the view|ride the train
skip the queue|jump the line
"""
_ASKS: Final = """
where is the {place}|where's the {place} please|where can i find the {place}|how do i get to the {place}
how do i find the {place}|which way is the {place}|can you show me the way to the {place}|i need a {place}
i am looking for the {place}|is there a {place} here|is there a {place} near here|is there a {place} in the building
are there any {place}s|do you have a {place}|where is the nearest {place}|how far is the {place}
how far is it to the {place}|what floor is the {place} on|is the {place} open {time}|when does the {place} open
when does the {place} close|what are the opening hours of the {place}|what time does the {place} close {time}
is the {place} free|how much is the {place}|how much does the {place} cost|what is in the {place}
what can i see in the {place}|tell me about the {place}|can i walk to the {place}|does the bus go to the {place}
is the {place} accessible by wheelchair|is there a step at the {place}|can i take a {thing} into the {place}
who can go into the {place}|why is the {place} closed|is the {place} crowded {time}
how long do people stay in the {place}|where can i get a {thing}|where can i buy a {thing}|do you sell {thing}s
do you have a {thing}|can i have a {thing} please|i would like a {thing}|i need a {thing}|could i borrow a {thing}
can i bring my {thing}|can i bring a {thing}|am i allowed to bring a {thing}|are {thing}s allowed
is a {thing} allowed inside|where can i leave my {thing}|can i leave my {thing} here|i lost my {thing}
i have lost my {thing}|someone stole my {thing}|i found a {thing}|did anybody find a {thing}|how much is a {thing}
how much does a {thing} cost|what is the price of a {thing}|is the {thing} free|is there a {thing}
is there free {thing}|what is the {thing}|do i need a {thing}|how do i get a {thing}|where can i rent a {thing}
can i book a {thing} {time}|i want to cancel my {thing}|when is the next {thing}|how long is the {thing}
how long does the {thing} take|which {thing} should i take|what {thing}s are there|can you recommend a {thing}
is the {thing} good for a {person}|is there a {thing} for a {person}|how much is a {thing} for a {person}
how much does it cost for a {person}|what does a {person} pay|does a {person} pay less|is it free for a {person}
do you have a discount for a {person}|is it suitable for a {person}|can my {person} come in
what is there for a {person}|what can a {person} do here|i am here with my {person}|i can't find my {person}
my {person} is lost|my {person} is hungry|my {person} feels sick|my {person} can't walk far|can a {person} {deed}
can i {deed}|can i {deed} here|may i {deed}|am i allowed to {deed}|is it allowed to {deed}|is it possible to {deed}
is it ok to {deed} in the {place}|where can i {deed}|how do i {deed}|how can i {deed}|when can i {deed}
do i have to pay to {deed}|how much does it cost to {deed}|i want to {deed}|i would like to {deed}
could you help me to {deed}|who do i ask to {deed}|are you open {time}|are you closed {time}|when do you open {time}
when do you close {time}|what time do you open {time}|how long are you open {time}|until when are you open {time}
what are your opening hours {time}|can we come {time}|is it busy {time}|what is on {time}|what can we do {time}
is there a {thing} {time}|is there a tour {time}|when does the last tour start {time}|do you offer {thing}s
which way to the {place}|directions to the {place}|the {place} please|{thing} price|{place} opening times|lost {thing}
{deed}|{place}|{thing}
"""
_BEFORE: Final = (
    "hello", "hi", "excuse me", "good morning", "sorry", "please", "can you tell me", "could you tell me", "tell me",
    "do you know", "i was wondering", "i'd like to know", "well", "um", "okay", "so", "one more question", "and",
)  # fmt: skip
_AFTER: Final = ("please", "thank you", "thanks", "by the way", "do you know", "actually")
_BEFORE_SHARE: Final = 0.2
_AFTER_SHARE: Final = 0.1


def items(text: str) -> list[str]:
    """Return the parts of a list, written on lines with | between."""
    return [item for line in text.split("\n") if line for item in line.split("|")]


_SLOTS: Final = {
    "place": items(_PLACES),
    "thing": items(_THINGS),
    "person": items(_PEOPLE),
    "time": items(_TIMES),
    "deed": items(_DEEDS),
}
_FORMS: Final = items(_ASKS)


def visitors_questions(count: int, chooser: np.random.Generator) -> list[str]:
    """Return `count` questions, each once, drawn by chance; fewer where so many are not to be had."""
    found: dict[str, None] = {}
    for _ in range(4 * count):
        ask = _FORMS[chooser.integers(len(_FORMS))]
        text = ask.format(**{name: words[chooser.integers(len(words))] for name, words in _SLOTS.items()})
        if chooser.random() < _BEFORE_SHARE:
            text = f"{_BEFORE[chooser.integers(len(_BEFORE))]} {text}"
        if chooser.random() < _AFTER_SHARE:
            text = f"{text} {_AFTER[chooser.integers(len(_AFTER))]}"
        found[text] = None
        if len(found) == count:
            break
    return list(found)
