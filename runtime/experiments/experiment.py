"""An experiment: its variants, who meets which of them, and what is to be found out. Read from a TOML file."""

import hashlib
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from runtime.core.errors import UserError
from runtime.core.settings import Settings
from runtime.core.toml_file import checked, mistake, read_text
from runtime.experiments.outcomes import OUTCOMES, OutcomeName

FOLDER: Final = "experiments"
"""Where experiments are kept in the data folder."""
NAME_CHARS: Final = 40
MAX_VARIANTS: Final = 6
MAX_FILES: Final = 1_000
_Name = Annotated[str, Field(pattern=rf"^[a-z0-9][a-z0-9-]{{0,{NAME_CHARS - 1}}}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Variant(_Strict):
    """One way to do it. What it leaves out is as the runtime is set; the other fields are settings of that name."""

    name: _Name
    weight: int = Field(1, ge=1, le=100)
    persona: str | None = None
    brain: str | None = None
    llm_url: str | None = None
    llm_key: str | None = Field(None, repr=False)
    llm_model: str | None = None
    llm_max_tokens: int | None = None
    llm_first_token_s: float | None = None
    llm_first_phrase_s: float | None = None
    llm_timeout_s: float | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """The settings that it changes. Another service is never sent the key of the one that is set."""
        changes = self.model_dump(exclude={"name", "weight"}, exclude_none=True)
        return {"llm_key": None, **changes} if "llm_url" in changes else changes


class Experiment(_Strict):
    """Variants that are compared; the first is the one that the others are compared with.

    `minimum_effect` is the smallest difference in the `primary` outcome that would matter: a share of visits, or
    seconds. `alpha` is the chance of finding a difference where none is. Figures are kept for `keep_days`.
    """

    name: _Name
    primary: OutcomeName = "done"
    minimum_effect: float = Field(gt=0, le=10)
    alpha: float = Field(0.05, ge=0.001, le=0.2)
    keep_days: int = Field(365, ge=1, le=3_650)
    variants: Annotated[tuple[Variant, ...], Field(min_length=2, max_length=MAX_VARIANTS)]

    @field_validator("minimum_effect")
    @classmethod
    def _is_share(cls, effect: float, others: ValidationInfo) -> float:
        primary = others.data.get("primary")
        if primary is not None and OUTCOMES[primary].is_share and effect >= 1:
            raise ValueError(f"it is a share of the visits for {primary}: write 0.05 for 5 %")
        return effect

    @field_validator("variants")
    @classmethod
    def _have_names(cls, variants: tuple[Variant, ...]) -> tuple[Variant, ...]:
        if len({variant.name for variant in variants}) < len(variants):
            raise ValueError("two of them have the same name")
        return variants

    def variant_of(self, unit: str) -> Variant:
        """Return the variant that a visit, or the holder of a token, meets: always the same for the same `unit`.

        The hash of experiment and unit, as a number from 0 to 1, falls into the share of one variant: shares are kept
        in the long run, and two experiments divide the same visitors independently.
        """
        digest = hashlib.sha256(f"{self.name}\0{unit}".encode()).digest()
        place = int.from_bytes(digest[:8]) / 2**64 * sum(variant.weight for variant in self.variants)
        for variant in self.variants:
            place -= variant.weight
            if place < 0:
                return variant
        return self.variants[-1]


def read_experiment(path: Path) -> Experiment:
    """Read and check an experiment's file.

    Raises:
        UserError: it can't be read or is wrong; every mistake is named with its line.
    """
    text = read_text(path)
    experiment = checked(path, text, Experiment)
    found = []
    for index, variant in enumerate(experiment.variants):
        try:
            Settings.model_validate(variant.changes)
        except ValidationError as error:
            found += [mistake(path, text, ("variants", index, *item["loc"]), item["msg"]) for item in error.errors()]
    if found:
        raise UserError("\n".join(found), "Mend these and try again.")
    folder = path.parent
    here = [_beside(folder, variant) for variant in experiment.variants]
    return experiment.model_copy(update={"variants": tuple(here)})


def find_experiment(name: str, data_dir: Path) -> Path:
    """Return the file of an experiment: a file, or a name in the data folder.

    Raises:
        UserError: there is none.
    """
    for path in (Path(name), data_dir / FOLDER / f"{name}.toml"):
        if path.is_file():
            return path
    known = ", ".join(path.stem for path in experiment_files(data_dir))
    where = f"one of: {known}" if known else f"a name in {data_dir / FOLDER}, which has none yet"
    raise UserError(f"There is no experiment {name!r}.", f"Give a file, or {where}.")


def experiment_files(data_dir: Path) -> list[Path]:
    """Return the files of the experiments in the data folder."""
    return sorted((data_dir / FOLDER).glob("*.toml"))[:MAX_FILES]


def _beside(folder: Path, variant: Variant) -> Variant:
    """Return the variant with its persona's path from where the file lies, if it is there."""
    if variant.persona is None or not (folder / variant.persona).exists():
        return variant
    return variant.model_copy(update={"persona": str(folder / variant.persona)})
