"""Talking with the graph: questions of symptoms, of conditions, those that go on, and those that are not for it."""

from runtime.core.errors import UserError
from runtime.core.messages import UserTurn
from runtime.persona.graph.backends import files_of, open_embedded, with_graph
from runtime.persona.graph.brain import GraphBrain
from runtime.persona.graph.model import Fact
from runtime.persona.graph.sqlite import SqliteGraph
from runtime.persona.graph.words import key_of
from runtime.persona.grounded import GroundedBrain
from runtime.persona.memory import Context, Exchange
from runtime.persona.persona import find_persona, load_persona

FILE = find_persona("clinic")
CLINIC = load_persona(FILE)


class Talk:
    """A conversation with the clinic persona in which everything is heard."""

    def __init__(self, graph: SqliteGraph | None = None) -> None:
        folder = files_of(FILE, CLINIC)
        assert folder is not None
        self.graph = graph or open_embedded(folder)
        self.brain = with_graph(GroundedBrain(CLINIC), CLINIC, self.graph)
        self.exchanges: list[Exchange] = []

    async def say(self, text: str, action: str = "") -> tuple[str, str]:
        """Return what is answered, and the source of it."""
        turn = UserTurn(len(self.exchanges) + 1, text, 0.0, 0.0, action=action)
        phrases = [phrase async for phrase in self.brain.respond(turn, Context(tuple(self.exchanges)))]
        heard = " ".join(phrase.text for phrase in phrases)
        source = next((phrase.source for phrase in reversed(phrases) if phrase.source), "")
        self.exchanges.append(Exchange(turn.turn, text, heard, source=source))
        return heard, source


async def test_a_headache_with_fever_is_answered_with_conditions_urgency_advice_and_limits() -> None:
    heard, source = await Talk().say("what could cause a headache with fever")
    assert source.startswith("graph:")
    assert "no doctor" in heard
    assert "flu" in heard
    assert "stiff neck" in heard
    assert "112" in heard
    assert "you have" not in heard.lower().replace("if you have", "")


async def test_a_question_goes_on_from_the_last() -> None:
    talk = Talk()
    await talk.say("I have a headache and a fever")
    heard, _ = await talk.say("and with a rash?")
    assert "A headache, a fever and a rash" in heard
    heard, source = await talk.say("and a stiff neck")
    assert source == "graph:meningitis"
    assert heard.startswith("Please take this seriously")


async def test_a_new_question_starts_afresh_and_a_denial_takes_back() -> None:
    talk = Talk()
    await talk.say("I have a headache and a fever")
    heard, _ = await talk.say("but no fever anymore")
    assert "A headache without fever" in heard
    heard, _ = await talk.say("my ankle is swollen")
    assert "headache" not in heard


async def test_conditions_are_told_of_and_followed_up() -> None:
    talk = Talk()
    heard, source = await talk.say("what can I do about hay fever")
    assert source == "graph:hay_fever"
    assert "pharmacist" in heard
    _, source = await talk.say("how long does it last")
    assert source == "graph:hay_fever"
    _, source = await talk.say("what can I do")
    assert source == "graph:hay_fever"
    heard, _ = await talk.say("where do you know that from")
    assert "health service" in heard


async def test_of_an_emergency_by_name_help_is_told_first() -> None:
    heard, source = await Talk().say("what are the signs of a stroke")
    assert source == "graph:stroke"
    assert heard.startswith("If you think that it is happening now, call 112")


async def test_an_emergency_in_a_follow_up_goes_before_the_graph() -> None:
    talk = Talk()
    await talk.say("I have a cough")
    _, source = await talk.say("and my chest hurts when I breathe")
    assert source == "help:chest_pain"
    heard, source = await talk.say("and a fever")
    assert heard.startswith("If you have not called yet")


async def test_the_house_is_the_inner_brains() -> None:
    talk = Talk()
    assert (await talk.say("when are you open"))[1] == "hours"
    assert (await talk.say("can I book an appointment for my rash"))[1] == "appointment"
    assert (await talk.say("where are the toilets"))[1] == "toilets"
    assert (await talk.say("how much paracetamol can i take"))[1] == "dose"
    assert (await talk.say("", action="greet"))[1] == ""


async def test_infants_are_not_the_graphs() -> None:
    heard, source = await Talk().say("my newborn has a temperature")
    assert source == "baby_ill"
    assert "today" in heard
    assert (await Talk().say("my head hurts and i have a temperature"))[1].startswith("graph:")


async def test_facts_of_larger_data_are_told_with_their_source() -> None:
    talk = Talk()
    await talk.graph.add_facts([Fact(key_of("Narcolepsy"), "Narcolepsy", "treatment", "Naps may help.", "MedlinePlus")])
    heard, source = await talk.say("how is gout treated")
    assert source == "graph:gout"
    heard, source = await talk.say("how is narcolepsy treated")
    assert source == "graph:fact"
    assert "Naps may help. That is from MedlinePlus." in heard
    assert "no doctor" in heard


async def test_a_graph_that_fails_leaves_the_turn_to_the_inner_brain() -> None:
    class Broken(SqliteGraph):
        async def symptoms(self):  # type: ignore[no-untyped-def]
            raise UserError("The graph database did not answer.", "Check it.")

    brain = GraphBrain(GroundedBrain(CLINIC), Broken(), CLINIC)
    turn = UserTurn(1, "I have a headache", 0.0, 0.0)
    phrases = [phrase async for phrase in brain.respond(turn, Context())]
    assert phrases
    assert not phrases[0].source.startswith("graph:")


async def test_no_phrase_is_too_long_to_be_spoken_and_no_name_is_left_open() -> None:
    talk = Talk()
    folder = files_of(FILE, CLINIC)
    assert folder is not None
    for condition in await talk.graph.conditions_with([s.id for s in await talk.graph.symptoms()]):
        for relation in ("symptoms of", "treatment of", "information about"):
            turn = UserTurn(1, f"tell me the {relation} {condition.names[0]}", 0.0, 0.0)
            async for phrase in talk.brain.respond(turn, Context()):
                assert len(phrase.text) <= 240
                assert "{" not in phrase.text
                assert "_" not in phrase.text


async def test_whoever_asks_whether_they_have_something_gets_no_diagnosis() -> None:
    for question in ("do I have the flu", "could it be migraine", "is this shingles"):
        heard, source = await Talk().say(question)
        assert source.startswith("graph:")
        assert "Whether it is that, I can't tell, but a doctor can." in heard
        assert "no diagnosis" in heard
