"""Written English said as people say it, with every word still knowing what was written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.voice.espeak import EspeakSynthesizer
from runtime.voice.speakable import as_written, speakable
from runtime.voice.synthesizer import VoiceStyle

SAID = {
    "We open at 9:30 and close at 17:00.": "We open at nine thirty and close at five P-M.",
    "Mon–Fri 9:00–17:30, Sat. 10am–4 p.m.": (
        "Monday to Friday nine o'clock to five thirty P-M, Saturday ten A-M to four P-M."
    ),
    "At 8 a.m. We start at 9 p.m. sharp.": "At eight A-M. We start at nine P-M sharp.",
    "12:00; 0:15; 9:05": "twelve o'clock; twelve fifteen A-M; nine oh five",
    "$5.20 or €1,250, £0.99, £2.5 million": (
        "five dollars and twenty cents or one thousand two hundred fifty euros, "
        "ninety-nine pence, two point five million pounds"
    ),
    "1 € and $1": "one euro and one dollar",
    "12.5% of 1,250": "twelve point five percent of one thousand two hundred fifty",
    "Call +1 555 123-4567.": "Call plus one, five five five, one two three, four five six seven.",
    "Call 555-0123!": "Call five five five, zero one two three!",
    "info@lantern-house.org": "info at lantern dash house dot org",
    "see https://www.example.org/visit?x=1.": "see W-W-W dot example dot org slash visit.",
    "or example.org, please": "or example dot org, please",
    "I am an AI guide 😀👋🏽.": "I am an A-I guide.",
    "the FAQ, the IDs, a USB stick": "the F-A-Q, the I-D's, a U-S-B stick",
    "WHAT IS IT NOW?": "WHAT IS IT NOW?",
    "NASA": "NASA",
    "Dr. Smith, e.g. in St. James St., is in.": "Doctor Smith, for example in Saint James Street, is in.",
    "room 204 on the 21st floor": "room two oh four on the twenty-first floor",
    "March 5th, 2026 and 5 March": "March fifth, twenty twenty-six and March fifth",
    "2026-03-05": "March fifth, twenty twenty-six",
    "03/04/2025": "three, four, twenty twenty-five",
    "in 1999, the 1980s, since 2005": "in nineteen ninety-nine, the nineteen eighties, since two thousand five",
    "2000 visitors": "two thousand visitors",
    "-5 °C, 10 km/h, 1 m, 3 kg": "minus five degrees Celsius, ten kilometres an hour, one metre, three kilograms",
    "10–15 people, 9-5, 24/7": "ten to fifteen people, nine to five, twenty-four seven",
    "½ or 3/4": "one half or three quarters",
    "He/she and/or A & B": "He or she and or A  and  B",
    "Wait… what — really?": "Wait, what, really?",
    "*bold*\nand <b>more</b>": " bold . and more",
    "May I? In May.": "May I? In May.",
    "Sat on the sun.": "Sat on the sun.",
    "The museum is open.": "The museum is open.",
    "": "",
}


@pytest.mark.parametrize(("text", "said"), SAID.items())
def test_it_is_said_as_people_say_it(text: str, said: str) -> None:
    assert speakable(text).text == said


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=80) | st.text("0123456789:.,-/$€%ap m@w+()\n", max_size=60))
def test_the_pieces_cover_the_original(text: str) -> None:
    spoken = speakable(text)
    assert "".join(piece.spoken for piece in spoken.pieces) == spoken.text
    at = 0
    for piece in spoken.pieces:
        assert piece.start == at
        at = piece.end
        assert not piece.same or piece.spoken.strip() == text[piece.start : piece.end].strip()
    assert at == len(text)


def test_words_are_shown_as_written() -> None:
    pytest.importorskip("espeakng_loader")
    voice = EspeakSynthesizer()
    voice.load()
    text = "We're open 9:30 to 17:00 😀 — see www.x.org; an “AI” says “hi”!"
    spoken = speakable(text)
    utterance = as_written(voice.synthesise(spoken.text, VoiceStyle()), text, spoken)
    assert utterance.text == text
    words = [word.text for word in utterance.words]
    assert words == ["We're", "open", "9:30", "to", "17:00 😀 —", "see", "www.x.org;", "an", "“AI”", "says", "“hi”!"]
    for left, right in zip(utterance.words, utterance.words[1:], strict=False):
        assert left.start_s < left.end_s <= right.start_s + 1e-6


def test_long_digits_and_markup_take_no_long_time() -> None:
    for text in ("9" * 2_000, "1:" * 1_000, "a." * 1_000, "<" * 2_000, "www." * 500, "-1" * 1_000, "(555) " * 300):
        assert speakable(text).pieces
