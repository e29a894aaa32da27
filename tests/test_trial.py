"""An experiment with the real engine: two personas, many visits, and a report that equals what happened."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from runtime.core.clock import now, run_simulated, sleep_until
from runtime.core.device import PROFILES
from runtime.core.errors import UserError
from runtime.core.messages import BotStartedSpeaking, BotText, Interrupted, SessionEvent, TurnReport, VariantChosen
from runtime.core.settings import Settings
from runtime.core.streams import Broadcast
from runtime.engine import Engine
from runtime.experiments.experiment import Variant, find_experiment, read_experiment
from runtime.experiments.outcomes import Visit
from runtime.experiments.report import Arm, make_report
from runtime.experiments.tally import Meaning
from runtime.minds import settings_of
from runtime.session import Session
from runtime.trial import Trial, open_store
from tests.experiments.files import TWO, experiment, written
from tests.personas import BO

PERSONA = (
    BO
    + """{more}
[[knowledge]]
id = "toilets"
questions = ["where are the toilets"]
answer = "They are behind the stairs, on the left hand side, next to the lift."
"""
)
CAFE = """
[[knowledge]]
id = "cafe"
questions = ["where is the cafe"]
answer = "It is upstairs."
"""
CASES = {
    "silent": (),
    "cafe": ("where is the cafe",),
    "twice": ("where are the toilets", "where are the toilets"),
    "cut": ("where are the toilets",),
}
VISITS = 64


@dataclass
class Happened:
    """One visit, as whoever was there saw it."""

    variant: str
    case: str
    texts: list[str]
    cut: bool
    waits_s: list[float]


def settings(folder: Path, more: str = "") -> Settings:
    """Write an experiment: `long` knows no cafe, `short` does."""
    for name, also in (("plain", ""), ("wide", CAFE)):
        (folder / name).mkdir()
        (folder / name / "persona.toml").write_text(PERSONA.format(more=more if also else "") + also)
    text = TWO.replace('name = "long"', 'name = "long"\npersona = "plain"') + 'persona = "wide"\n'
    options = {"experiment": str(written(folder, text)), "data_dir": folder / "data", "voice": "espeak"}
    return Settings.model_validate({**options, "camera": False, "emotion": False})


async def visit(session: Session, case: str) -> list[SessionEvent]:
    """Come, hear the greeting, ask what the case says, and go; return what the session told."""
    told: list[SessionEvent] = []

    async def follow(events: AsyncIterator[SessionEvent]) -> None:
        async for event in events:
            told.append(event)  # noqa: PERF401 - what came before a cancellation counts

    async def listen() -> None:
        start_s, step = now(), 0
        while True:
            await sleep_until(start_s + step * 0.02)
            session.read_audio(960)
            step += 1

    tasks = [asyncio.create_task(follow(session.events())), asyncio.create_task(listen())]
    session.meet("")
    session.greet()
    for text in ("", *CASES[case]):
        if text:
            await session.ask(text)
        await asyncio.sleep(1.5)
        if text and case == "cut":
            session.interrupt("click")
        while session.answering:  # noqa: ASYNC110 - simulated time costs nothing
            await asyncio.sleep(0.05)
    await session.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return told


def as_seen(variant: str, case: str, told: list[SessionEvent]) -> Happened:
    waits_s = {
        event.turn: event.marks["first_out"] - event.marks["speech_end"]
        for event in told
        if isinstance(event, TurnReport) and event.question and "first_out" in event.marks
    }
    texts = [event.text for event in told if isinstance(event, BotText)]
    return Happened(variant, case, texts, any(isinstance(one, Interrupted) for one in told), list(waits_s.values()))


@pytest.fixture(scope="module")
def happened(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, list[Happened]]:
    """The settings of an experiment that was run, and all visits as they were."""
    chosen = settings(tmp_path_factory.mktemp("experiment"))
    running = read_experiment(find_experiment(str(chosen.experiment), chosen.data_dir))

    async def talk() -> list[Happened]:
        seen = []
        async with Engine(chosen, PROFILES["edge"]) as engine:
            for number in range(VISITS):
                session = await engine.open_session()
                assert isinstance(session, Session)
                case = list(CASES)[number % len(CASES)]
                seen.append(as_seen(running.variant_of(session.id).name, case, await visit(session, case)))
        return seen

    return chosen, run_simulated(talk())


def kept(chosen: Settings) -> list[Visit]:
    store = open_store(chosen)
    try:
        return store.visits("shorter")
    finally:
        store.close()


def test_every_visitor_heard_one_variant_alone(happened: tuple[Settings, list[Happened]]) -> None:
    for one in happened[1]:
        if one.case == "cafe":
            known = one.variant == "short"
            assert one.texts[-1] == ("It is upstairs." if known else "I don't know.")
    assert {one.variant for one in happened[1]} == {"long", "short"}


def test_the_reports_figures_equal_what_happened(happened: tuple[Settings, list[Happened]]) -> None:
    chosen, seen = happened
    running = read_experiment(find_experiment(str(chosen.experiment), chosen.data_dir))
    report = make_report(running, kept(chosen))
    assert (report.visits, report.came_back, report.unknown) == (VISITS, 0, 0)
    for arm in report.arms:
        mine = [one for one in seen if one.variant == arm.variant]
        cases = Counter(one.case for one in mine)
        assert arm.visits == len(mine)
        assert arm.turns == sum(len(CASES[one.case]) for one in mine)
        assert counted(arm, "done") == cases["cut"] + (cases["cafe"] if arm.variant == "short" else 0)
        assert counted(arm, "asked_again") == cases["twice"]
        assert counted(arm, "interrupted") == cases["cut"] == sum(one.cut for one in mine)
        assert counted(arm, "thumb_up") == counted(arm, "thumb_down") == 0
        waits_s = [sum(one.waits_s) / len(one.waits_s) for one in mine if one.waits_s]
        (latency,) = [one for one in arm.measured if one.outcome == "latency"]
        assert latency.visits == len(waits_s)
        assert latency.value is not None
        assert latency.value.value == pytest.approx(sum(waits_s) / len(waits_s), abs=1e-6)
        assert latency.value.value > 0


def counted(arm: Arm, outcome: str) -> int:
    """Return in how many visits it happened."""
    (one,) = [one for one in arm.measured if one.outcome == outcome]
    assert one.value is not None
    return round(one.value.value * one.visits)


def test_nothing_that_was_said_is_in_the_database(happened: tuple[Settings, list[Happened]]) -> None:
    data = (happened[0].data_dir / "people.db").read_bytes()
    assert b"shorter" in data
    assert b"toilets" not in data
    assert b"cafe" not in data


def test_variants_with_different_characters_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="different characters"):
        Engine(settings(tmp_path, more='character = "vector"'), PROFILES["edge"])


def test_the_key_of_a_service_is_sent_to_no_other() -> None:
    given = {"llm_url": "http://127.0.0.1:1/v1", "llm_key": "secret", "llm_model": "small"}
    base = Settings.model_validate(given)
    larger = settings_of(Variant.model_validate({"name": "larger", "llm_model": "large"}), base)
    assert (larger.llm_url, larger.llm_key, larger.llm_model) == (base.llm_url, "secret", "large")
    other = settings_of(Variant.model_validate({"name": "other", "llm_url": "http://127.0.0.1:2/v1"}), base)
    assert (other.llm_url, other.llm_key, other.llm_model) == ("http://127.0.0.1:2/v1", None, "small")


async def test_visits_are_written_as_they_end_and_a_lost_database_only_loses_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chosen = Settings.model_validate({"data_dir": tmp_path})
    trial = Trial(experiment(), chosen, Meaning(lambda text: False, lambda variant, source: True))
    await trial.open()
    events: Broadcast[SessionEvent] = Broadcast()
    trial.follow(events.subscribe())
    for variant in ("a", "b", "a"):
        events.publish(VariantChosen(variant))
        events.publish(BotStartedSpeaking(1, 0.0))
    while len(kept(chosen)) < 2:  # noqa: ASYNC110 - the database tells nobody
        await asyncio.sleep(0.01)
    with sqlite3.connect(tmp_path / "people.db") as database:
        database.execute("ALTER TABLE experiment_visit RENAME TO gone")
    database.close()
    events.close()
    await trial.close()
    assert "a visit is missing from the experiment shorter" in caplog.text
