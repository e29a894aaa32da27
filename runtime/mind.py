"""What the sessions of one server think with: a persona, its brains in the order they are asked, and its memory."""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from runtime.core.clock import WallClock
from runtime.core.device import Profile
from runtime.core.errors import UserError
from runtime.core.models import ModelRegistry
from runtime.core.settings import Settings
from runtime.persona.backends import open_brain, open_model, start_model
from runtime.persona.brain import Brain
from runtime.persona.choosing import Choosing
from runtime.persona.embedding import Embedding, load_embedding
from runtime.persona.graph.backends import files_of, help_first, open_graph, store_of
from runtime.persona.graph.brain import GraphBrain
from runtime.persona.graph.hearing import phrases_to_hear
from runtime.persona.graph.model import Graph
from runtime.persona.graph.tables import read_tables
from runtime.persona.knowledge.folder import NAME as KNOWLEDGE
from runtime.persona.language.model import Patience
from runtime.persona.language.prompt import RULES, system_message
from runtime.persona.manner import Mannered
from runtime.persona.people.people import People
from runtime.persona.people.remembering import Remembering
from runtime.persona.people.requests import PHRASES
from runtime.persona.persona import Persona, find_persona, load_persona
from runtime.persona.reloading import Reloading, stamp, watch
from runtime.persona.safety.guarded import Guarded
from runtime.persona.tutoring import Tutoring, quiz_phrases

log = logging.getLogger(__name__)

GROUNDED: Final = "retrieval"
RETIRES_AFTER_S: Final = 5.0
"""A graph that was exchanged is closed then: turns that began with it have had their answer."""
REMEMBERED_TEXTS: Final = 1_024
VECTORS: Final = "vectors"
"""The folder in `cache_dir` where the vectors of personas' texts are kept."""

Hear = Callable[[Sequence[str]], Awaitable[None]]
"""Has the recogniser listen for these phrases from now on."""


@dataclass(frozen=True)
class Thoughts:
    """A persona as its files were at one time, and all that was made of them; a change makes new ones."""

    persona: Persona
    phrases: tuple[str, ...]
    look_up: Brain
    brain: Brain
    guarded: Guarded
    graph: Graph | None
    graph_brain: GraphBrain | None
    is_known_question: Callable[[str], bool]
    is_likely_question: Callable[[str], bool]

    def guard(self, brain: Brain) -> Brain:
        """See `Mind.guard`."""
        brain = self.guarded.around(brain)
        return help_first(brain if self.graph_brain is None else self.graph_brain.around(brain), self.persona)


class Mind:
    """One persona and all that it thinks with. `start` and `close` do the work; `brain` is there from the beginning.

    A session puts its own memory of people around `brain`, and `guard` around that: what is said and heard is looked
    through, and emergencies go to help before anything else. While it runs, changed files are taken up as a whole or
    not at all, from the next turn of every session on.
    """

    def __init__(
        self, settings: Settings, profile: Profile, people: People | None = None, clock: WallClock = datetime.now
    ) -> None:
        """Read the persona. `people` is the memory of another mind, which opens and closes it; `clock` tells the local
        time for answers.

        Raises:
            UserError: the persona, or the brain as it is set, can't be used.
        """
        self._path = find_persona(settings.persona)
        self.people = people or People(settings.database_url, settings.data_dir, settings.keep_days)
        self._owns_people = people is None
        self._settings = settings
        self._clock = clock
        options: dict[str, Any] = {
            name: getattr(settings, name) for name in ("llm_url", "llm_key", "llm_model", "llm_max_tokens")
        }
        self._model = open_model(settings.brain, options | {"threads": profile.threads_large})
        self._embedding: Embedding | None = None
        self._opening: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._files = ThreadPoolExecutor(1, "persona")
        self._stamp = stamp([self._path, self._path.parent / KNOWLEDGE])
        self._now = self._read()
        self.look_up: Brain = Reloading(lambda: self._now.look_up)
        """What answers from the persona's knowledge alone."""
        self.brain: Brain = Reloading(lambda: self._now.brain)
        """What answers."""

    @property
    def name(self) -> str:
        """The name of the brain's backend."""
        return self._model.name if self._model is not None else GROUNDED

    @property
    def persona(self) -> Persona:
        """Who the character is, as the files say now."""
        return self._now.persona

    @property
    def phrases(self) -> tuple[str, ...]:
        """What visitors are likely to say: what a recogniser should listen for."""
        return self._now.phrases

    def is_known_question(self, text: str) -> bool:
        """See `Persona.is_known_question`; a text that was asked about lately costs nothing."""
        return self._now.is_known_question(text)

    def is_likely_question(self, text: str) -> bool:
        """See `Persona.is_likely_question`; a text that was asked about lately costs nothing."""
        return self._now.is_likely_question(text)

    def load(self, registry: ModelRegistry) -> None:
        """Load the models that help to find what is meant. Takes a while: call it on a thread of its own."""
        settings = self._settings
        self._embedding = load_embedding(registry, settings.cache_dir / VECTORS, settings.retrieval_model)
        look_up, brain = self._think(self.persona)
        self._now = replace(self._now, look_up=look_up, brain=brain)

    async def start(self, hear: Hear) -> None:
        """Open what is remembered of people; begin to watch the persona's files, and to start the language model.

        `hear` is called with the phrases of files that were taken up, where they are others than before.
        """
        if self._owns_people:
            await self.people.open()
        if self._now.graph_brain is not None:
            await self._now.graph_brain.prepare()  # else every turn would read the graph's vocabulary anew
        take_up = functools.partial(self._take_up, hear)
        self._run(watch(self._stamp, self._watched, take_up, self._files), "watch persona")
        if self._model is not None:
            self._opening = self._run(self._open_model(), "open language model")

    async def until_thinking(self) -> None:
        """Wait until the language model has started, or is known not to come."""
        if self._opening is not None:
            await asyncio.shield(self._opening)

    async def close(self) -> None:
        """Give everything back."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._files.shutdown(wait=False, cancel_futures=True)
        if self._model is not None:
            await self._model.close()
        if self._now.graph is not None:
            await self._now.graph.close()
        if self._owns_people:
            await self.people.close()

    def guard(self, brain: Brain) -> Brain:
        """Return a brain whose words and hearers are looked after: help first, then what may be said at all."""
        return Reloading(lambda: self._now.guard(brain))

    def for_visitor(self, token: str | None = None) -> Brain:
        """Return all that one visitor talks to, outside a session; `token` as in `Remembering.meet`."""
        remembering = Remembering(self.brain, self.people, lambda token: None, self.look_up)
        remembering.meet(token)
        return self.guard(remembering)

    # ------------------------------------------------------------ inside

    def _watched(self) -> list[Path]:
        """Return the files and folders that the persona is read from."""
        graph = files_of(self._path, self.persona)
        return [self._path, self._path.parent / KNOWLEDGE, *([] if graph is None else [graph])]

    def _read(self) -> Thoughts:
        """Read the persona's files and think with them. Raises UserError where they are wrong."""
        persona = load_persona(self._path)
        look_up, brain = self._think(persona)
        guarded = Guarded(brain, persona, RULES)
        phrases, graph, graph_brain = (*persona.phrases, *quiz_phrases(persona.quiz), *PHRASES), None, None
        if (folder := files_of(self._path, persona)) is not None:
            phrases += phrases_to_hear(read_tables(folder))
            store = store_of(self._settings.data_dir, self._path)
            graph = open_graph(self._settings.graph_url, folder, self._path.parent.name, store)
            graph_brain = GraphBrain(guarded, graph, persona)
        remember = functools.lru_cache(REMEMBERED_TEXTS)  # a listener asks of the same text 30 times a second
        is_known, is_likely = remember(persona.is_known_question), remember(persona.is_likely_question)
        return Thoughts(persona, phrases, look_up, brain, guarded, graph, graph_brain, is_known, is_likely)

    def _think(self, persona: Persona) -> tuple[Brain, Brain]:
        """Return a brain that answers from the persona's knowledge alone, and the one that answers."""
        settings = self._settings
        patience = Patience(settings.llm_first_token_s, settings.llm_first_phrase_s, settings.llm_timeout_s)
        grounded = inner = open_brain(GROUNDED, persona, self._embedding, clock=self._clock)
        if self._model is not None:
            inner = open_brain(settings.brain, persona, self._embedding, self._model, patience, self._clock)
        if persona.quiz:
            inner = Tutoring(inner, persona)
        return grounded, Mannered(Choosing(inner, persona, self._clock), persona)

    async def _take_up(self, hear: Hear) -> None:
        """Think with the persona's files as they are now. Raises UserError, and leaves all as it was, if wrong."""
        new = await asyncio.get_running_loop().run_in_executor(self._files, self._read)
        if new.graph_brain is not None:
            await new.graph_brain.prepare()
        old, self._now = self._now, new
        log.info("%s: the changed files were taken up", self._path)
        if old.graph is not None:
            self._run(_retire(old.graph), "retire graph")
        if self._model is not None and self._model.ready:
            self._run(self._prepare_model(), "prepare language model")
        if new.phrases != old.phrases:
            try:
                await hear(new.phrases)
            except UserError as error:
                log.warning("the recogniser listens for the phrases from before the change: %s", error)

    def _run(self, work: Coroutine[Any, Any, None], name: str) -> "asyncio.Task[None]":
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _open_model(self) -> None:
        assert self._model is not None
        try:
            await start_model(self._model, self.persona)
        except UserError as error:
            log.warning("the character answers without a language model: %s", error)

    async def _prepare_model(self) -> None:
        """Let the language model read beforehand what it is told of the persona now."""
        assert self._model is not None
        try:
            await self._model.prepare(system_message(self.persona))
        except UserError as error:
            log.warning("the language model will answer its first question later: %s", error)


async def _retire(graph: Graph) -> None:
    try:
        await asyncio.sleep(RETIRES_AFTER_S)
    finally:
        await graph.close()
