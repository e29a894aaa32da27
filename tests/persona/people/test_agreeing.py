"""Talks about being remembered: what is asked, what counts as a yes, and how it is taken back."""

from pathlib import Path

import pytest

from runtime.core.errors import UserError
from runtime.core.messages import Mood
from runtime.persona.people import wording
from runtime.persona.people.people import People
from runtime.persona.people.store import Store
from tests.persona.people.talks import Talk, kept, met


async def test_nothing_is_kept_before_a_yes(people: People, tmp_path: Path) -> None:
    talk = Talk(people, "")
    await talk.greeting()
    answer = await talk.say("I'm Anna, where are the lockers?")
    assert answer.startswith("Nice to meet you, Anna. Lockers are")
    assert answer.endswith("May I remember you? Say yes or no.")
    await people.settle()
    assert kept(tmp_path) == []
    assert await talk.say("no, thanks") == wording.KEPT_NOT
    assert "remember" not in await talk.say("I am vegetarian")
    talk.leave()
    await people.settle()
    assert kept(tmp_path) == []
    assert talk.tokens == []


@pytest.mark.parametrize(
    "reply", ["yes but not my name", "where are the toilets", "", "hm", "yes where are the toilets"]
)
async def test_only_a_plain_yes_is_consent(people: People, tmp_path: Path, reply: str) -> None:
    talk = Talk(people, "")
    await talk.say("I'm Anna")
    await talk.say(reply)
    await talk.say("yes")
    await people.settle()
    assert kept(tmp_path) == []


async def test_a_question_that_was_cut_off_is_asked_again_before_a_yes_counts(people: People, tmp_path: Path) -> None:
    talk = Talk(people, "")
    heard = await talk.say("I'm Anna", cut_at=2)
    assert "May I" not in heard
    assert "May I remember you?" in await talk.say("yes")
    await people.settle()
    assert kept(tmp_path) == []
    assert await talk.say("yes") == wording.agreed(30)
    assert len(kept(tmp_path)) == 1


async def test_a_yes_that_goes_on_is_taken_back(people: People, tmp_path: Path) -> None:
    talk = Talk(people, "")
    await talk.say("I'm Anna")
    await talk.go_on("yes", "but not my name")
    await people.settle()
    assert kept(tmp_path) == []
    assert talk.tokens[-1] == ""


@pytest.mark.parametrize(("text", "action", "in_domain"), [("", "yes", 1.0), ("yes", "", 0.1)])
async def test_a_sign_or_a_yes_that_may_be_misread_is_no_consent_yet(
    people: People, tmp_path: Path, text: str, action: str, in_domain: float
) -> None:
    talk = Talk(people, "")
    await talk.say("I'm Anna")
    assert "May I remember you?" in await talk.say(text, action=action, in_domain=in_domain)
    assert kept(tmp_path) == []
    assert await talk.say("yes") == wording.agreed(30)
    assert len(kept(tmp_path)) == 1


async def test_a_sign_may_refuse(people: People) -> None:
    talk = Talk(people, "")
    await talk.say("I'm Anna")
    assert await talk.say("", action="no") == wording.KEPT_NOT


async def test_what_was_said_is_kept_as_it_was_heard_once_there_is_consent(people: People, tmp_path: Path) -> None:
    talk = Talk(people, "")
    await talk.greeting()
    await talk.say("where are the toilets", cut_at=0)
    await talk.say("my name is anna")
    await talk.say("yes")
    await talk.say("where are the lockers", cut_at=1)
    talk.leave()
    await people.settle()
    (person,) = kept(tmp_path)
    said = [(one["asked"], one["heard"], one["cut"]) for one in person["exchanges"]]
    assert said[0] == ("where are the toilets", "", True)
    assert said[2][:1] == ("yes",)
    assert said[3] == ("where are the lockers", "Lockers are in the cloakroom.", True)
    assert [(one["value"], one["turn"]) for one in person["facts"]] == [("Anna", 3)]


async def test_a_wish_to_be_forgotten_that_may_be_misheard_is_asked_about(people: People, tmp_path: Path) -> None:
    token = await met(people, "I'm Anna")
    talk = Talk(people, token)
    await talk.greeting()
    for reply, said in (("no", wording.KEPT_STILL), ("where are the toilets", "The toilets are")):
        assert await talk.say("delete my data", in_domain=0.8) == wording.FORGET_ALL
        assert (await talk.say(reply)).startswith(said)
        await people.settle()
        assert len(kept(tmp_path)) == 1
    await talk.say("delete my data", in_domain=0.8)
    assert await talk.say("yes") == wording.FORGOTTEN
    assert kept(tmp_path) == []


async def test_forget_me_erases_and_says_so(people: People, tmp_path: Path) -> None:
    token = await met(people, "I'm Anna")
    talk = Talk(people, token)
    await talk.greeting()
    await talk.say("I am vegan")
    assert await talk.say("please forget me") == wording.FORGOTTEN
    assert kept(tmp_path) == []
    assert talk.tokens == [""]
    assert "I know nothing about you" in await talk.say("what do you know about me")
    await talk.say("where can i eat")
    assert talk.person.facts == ()
    assert [one.asked for one in talk.brain.contexts[-1].exchanges] == ["what do you know about me"]
    talk.leave()
    await people.settle()
    assert kept(tmp_path) == []
    assert (await Talk(people, token).greeting()).startswith("Hello")


async def test_an_erasure_that_fails_is_not_called_done(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await met(people, "I'm Anna")
    talk = Talk(people, token)
    await talk.greeting()

    def lost(store: Store, person: str) -> bool:
        raise UserError("The database of people can't be used.")

    with monkeypatch.context() as broken:
        broken.setattr(Store, "forget", lost)
        assert await talk.say("forget me") == wording.NOT_ERASED
        assert "Anna" in await talk.say("what do you know about me")
    assert await talk.say("forget me") == wording.FORGOTTEN


async def test_who_can_keep_no_token_or_is_upset_is_not_asked(people: People) -> None:
    talk = Talk(people, None)
    assert "May I remember" not in await talk.say("I'm Anna")
    assert await talk.say("remember me") == wording.NOT_AGAIN
    upset = Talk(people, "")
    upset.mood = Mood("angry", 0.8)
    assert "May I remember" not in await upset.say("I'm Anna")
    assert "May I remember" in await upset.say("remember me")


async def test_nobody_is_asked_where_nothing_is_kept(tmp_path: Path) -> None:
    async with People(None, tmp_path, 0) as people:
        talk = Talk(people, "")
        assert "May I remember" not in await talk.say("I'm Anna")
        assert await talk.say("remember me") == wording.NOT_AGAIN
