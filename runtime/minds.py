"""The minds of one server: one, or while an experiment is under way one for each of its variants."""

import asyncio
from collections.abc import Sequence
from typing import Final

from runtime.core.device import Profile
from runtime.core.errors import UserError
from runtime.core.messages import SessionEvent
from runtime.core.models import ModelRegistry
from runtime.core.settings import Settings
from runtime.core.streams import Fifo
from runtime.experiments.experiment import Experiment, Variant, find_experiment, read_experiment
from runtime.experiments.tally import Meaning
from runtime.mind import Hear, Mind
from runtime.persona.following import read
from runtime.persona.knowledge.pictures import Picture
from runtime.persona.safety.guarded import SOURCE as SAFETY
from runtime.trial import Trial

SMALL_TALK: Final = "talk"
"""Entries of this topic are no answers that anybody comes for."""


class Minds:
    """What sessions think with. `start` and `close` do the work; `first` is the one that all others resemble.

    While an experiment is under way `first` is the mind of its first variant, and all share one memory of people.
    """

    def __init__(self, settings: Settings, profile: Profile) -> None:
        """Read the experiment, if any, and the personas. Raises UserError where one of them can't be used."""
        self.experiment = experiment_of(settings)
        if self.experiment is None:
            self.first = Mind(settings, profile)
            self._minds = {"": self.first}
            self._trial = None
            return
        one, *others = self.experiment.variants
        self.first = Mind(settings_of(one, settings), profile)
        self._minds = {one.name: self.first}
        for variant in others:
            self._minds[variant.name] = Mind(settings_of(variant, settings), profile, self.first.people)
        self._check_characters(settings)
        self._trial = Trial(self.experiment, settings, Meaning(_sets_right, self._is_answer))

    @property
    def name(self) -> str:
        """The names of the brains' backends."""
        return ", ".join(dict.fromkeys(mind.name for mind in self._minds.values()))

    @property
    def phrases(self) -> tuple[str, ...]:
        """What visitors are likely to say, to any of the minds: recognition must not differ between variants."""
        return tuple(dict.fromkeys(phrase for mind in self._minds.values() for phrase in mind.phrases))

    def is_known_question(self, text: str) -> bool:
        """See `Mind.is_known_question`; true for any of the minds."""
        return any(mind.is_known_question(text) for mind in self._minds.values())

    def is_likely_question(self, text: str) -> bool:
        """See `Mind.is_likely_question`; true for any of the minds."""
        return any(mind.is_likely_question(text) for mind in self._minds.values())

    def of(self, unit: str) -> tuple[str, Mind]:
        """Return the variant that falls to a visit's id or a person's token, and its mind."""
        variant = self.experiment.variant_of(unit).name if self.experiment is not None else ""
        return variant, self._minds[variant]

    def picture(self, file: str) -> Picture | None:
        """Return the picture that a persona lists under this name; of several personas the first one's."""
        return next(
            (mind.persona.pictures[file] for mind in self._minds.values() if file in mind.persona.pictures), None
        )

    def follow(self, events: Fifo[SessionEvent]) -> None:
        """Measure the visits of a session, from its events, where an experiment is under way."""
        if self._trial is not None:
            self._trial.follow(events)

    def load(self, registry: ModelRegistry) -> None:
        """See `Mind.load`."""
        for mind in self._minds.values():
            mind.load(registry)

    async def start(self, hear: Hear) -> None:
        """See `Mind.start`; `hear` gets the phrases of all minds where those of one have changed."""

        async def hear_all(_: Sequence[str]) -> None:
            await hear(self.phrases)

        for mind in self._minds.values():
            await mind.start(hear_all)
        if self._trial is not None:
            await self._trial.open()

    async def until_thinking(self) -> None:
        """See `Mind.until_thinking`."""
        await asyncio.gather(*(mind.until_thinking() for mind in self._minds.values()))

    async def close(self) -> None:
        """Give everything back, once all sessions are closed."""
        if self._trial is not None:
            await self._trial.close()
        for mind in reversed(self._minds.values()):  # the memory of people belongs to the first
            await mind.close()

    def _check_characters(self, settings: Settings) -> None:
        if not settings.avatar and len({mind.persona.character for mind in self._minds.values()}) > 1:
            raise UserError("The variants' personas have different characters.", "Set avatar: all show the same one.")

    def _is_answer(self, variant: str, source: str) -> bool:
        knowledge = self._minds[variant].persona.knowledge
        return source != SAFETY and not any(one.id == source and one.topic == SMALL_TALK for one in knowledge)


def experiment_of(settings: Settings) -> Experiment | None:
    """Return the experiment under way. Raises UserError where its file can't be found, or is wrong."""
    return read_experiment(find_experiment(settings.experiment, settings.data_dir)) if settings.experiment else None


def settings_of(variant: Variant, settings: Settings) -> Settings:
    """Return the settings with what a variant changes."""
    return Settings.model_validate({**dict(settings), **variant.changes})


def _sets_right(text: str) -> bool:
    """Whether words after an answer say that it was not what was meant."""
    return read(text, asked_before="something", last=None).refuses
