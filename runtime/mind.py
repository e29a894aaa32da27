"""What the sessions of one server think with: a persona, its brains in the order they are asked, and its memory."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
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
from runtime.persona.graph.backends import files_of, open_graph, store_of, with_graph
from runtime.persona.graph.hearing import phrases_to_hear
from runtime.persona.graph.model import Graph
from runtime.persona.graph.tables import read_tables
from runtime.persona.language.model import Patience
from runtime.persona.language.prompt import RULES
from runtime.persona.manner import Mannered
from runtime.persona.people.people import People
from runtime.persona.people.requests import PHRASES
from runtime.persona.persona import Persona, find_persona, load_persona
from runtime.persona.reloading import Reloading, watch
from runtime.persona.safety.guarded import Guarded
from runtime.persona.tutoring import Tutoring

log = logging.getLogger(__name__)

GROUNDED: Final = "retrieval"


class Mind:
    """One persona and all that it thinks with. `start` and `close` do the work; `brain` is there from the beginning.

    A session puts its own memory of people around `brain`, and `guard` around that: what is said and heard is looked
    through, and emergencies go to help before anything else.
    """

    def __init__(self, settings: Settings, profile: Profile, clock: WallClock = datetime.now) -> None:
        """Read the persona; `clock` tells the local time for answers.

        Raises:
            UserError: the persona, or the brain as it is set, can't be used.
        """
        path = self._path = find_persona(settings.persona)
        self.persona: Persona = load_persona(path)
        self.people = People(settings.database_url, settings.data_dir, settings.keep_days)
        self._settings = settings
        self._clock = clock
        options: dict[str, Any] = {
            name: getattr(settings, name) for name in ("llm_url", "llm_key", "llm_model", "llm_max_tokens")
        }
        self._model = open_model(settings.brain, options | {"threads": profile.threads_large})
        self._embedding: Embedding | None = None
        self._opening: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._files = ThreadPoolExecutor(1, "persona")
        self._folder = files_of(path, self.persona)
        self._graph: Graph | None = None
        if self._folder is not None:
            self._graph = open_graph(
                settings.graph_url, self._folder, path.parent.name, store_of(settings.data_dir, path)
            )
        self.look_up, self.brain = (Reloading(brain) for brain in self._think())
        """What answers from the persona's knowledge alone, and what answers."""

    @property
    def name(self) -> str:
        """The name of the brain's backend."""
        return self._model.name if self._model is not None else GROUNDED

    @property
    def phrases(self) -> tuple[str, ...]:
        """What visitors are likely to say: what a recogniser should listen for."""
        symptoms = phrases_to_hear(read_tables(self._folder)) if self._folder is not None else ()
        return (*self.persona.phrases, *PHRASES, *symptoms)

    def load(self, registry: ModelRegistry) -> None:
        """Load the models that help to find what is meant. Takes a while: call it on a thread of its own."""
        self._embedding = load_embedding(registry)
        self._take_up()

    async def start(self) -> None:
        """Open what is remembered of people; begin to watch the persona's files, and to start the language model."""
        await self.people.open()
        self._tasks.append(asyncio.create_task(watch(self._path, self._reload, self._files), name="watch persona"))
        if self._model is not None:
            self._opening = asyncio.create_task(self._open_model(), name="open language model")
            self._tasks.append(self._opening)

    async def until_thinking(self) -> None:
        """Wait until the language model has started, or is known not to come."""
        if self._opening is not None:
            await asyncio.shield(self._opening)

    async def close(self) -> None:
        """Give everything back."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._files.shutdown(wait=False, cancel_futures=True)
        if self._model is not None:
            await self._model.close()
        if self._graph is not None:
            await self._graph.close()
        await self.people.close()

    def guard(self, brain: Brain) -> Brain:
        """Return a brain whose words and hearers are looked after: help first, then what may be said at all."""
        return with_graph(Guarded(brain, self.persona, RULES), self.persona, self._graph)

    def _think(self) -> tuple[Brain, Brain]:
        """Return a brain that answers from the persona's knowledge alone, and the one that answers."""
        settings = self._settings
        patience = Patience(settings.llm_first_token_s, settings.llm_first_phrase_s, settings.llm_timeout_s)
        grounded = inner = open_brain(GROUNDED, self.persona, self._embedding, clock=self._clock)
        if self._model is not None:
            inner = open_brain(settings.brain, self.persona, self._embedding, self._model, patience, self._clock)
        if self.persona.quiz:
            inner = Tutoring(inner, self.persona)
        return grounded, Mannered(Choosing(inner, self.persona, self._clock), self.persona)

    def _reload(self) -> None:
        """Read the persona's files anew. Raises UserError, and leaves all as it was, where they are wrong."""
        self.persona = load_persona(self._path)
        self._take_up()

    def _take_up(self) -> None:
        grounded, brain = self._think()
        self.look_up.replace(grounded)
        self.brain.replace(brain)

    async def _open_model(self) -> None:
        assert self._model is not None
        try:
            await start_model(self._model, self.persona)
        except UserError as error:
            log.warning("the character answers without a language model: %s", error)
