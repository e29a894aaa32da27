"""The runtime's settings: defaults, below a TOML file, below the environment, below flags."""

import argparse
import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import platformdirs
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from runtime.core.errors import UserError

PREFIX: Final = "AVATAR_"
MAX_CONFIG_BYTES = 64 * 1024
MAX_SESSIONS = 64


def _split(value: object) -> object:
    """Turn `a, b` into its parts, so that a list can be given in the environment and as a flag."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
Name = Annotated[str, Field(min_length=1, max_length=500)]


class Settings(BaseModel):
    """Everything an operator can choose. Environment names are AVATAR_ and the field's name in capitals."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    device: Name = Field("auto", description="device profile: auto, edge, desktop or gpu")
    host: Name = Field("127.0.0.1", description="address to listen on; beyond this machine a token is needed")
    port: int = Field(8080, ge=0, le=65_535, description="port to listen on; 0 takes a free one")
    token: str | None = Field(None, min_length=8, max_length=200, repr=False, description="what clients must present")
    tls_cert: Path | None = Field(None, description="certificate file (PEM) for HTTPS")
    tls_key: Path | None = Field(None, description="private key file (PEM) for HTTPS")
    persona: Name = Field("concierge", description="persona: a name in assets/personas, or a file")
    avatar: Name | None = Field(None, description="character: a name in assets/avatars, or a pack; else the persona's")
    voice: Name = Field("auto", description="voice backend: auto, espeak, flite or piper, or one of their voices")
    piper_voice: Path | None = Field(None, description="a Piper voice (.onnx, with its .onnx.json beside it)")
    recogniser: Name = Field("auto", description="speech to text: auto, pocketsphinx, whisper or openai")
    whisper_model: Name | None = Field(
        None, description="faster-whisper model: a size (base.en), a hub name or a folder"
    )
    openai_asr_url: Name | None = Field(None, description="base address of an OpenAI-compatible speech-to-text service")
    openai_asr_key: str | None = Field(None, max_length=500, repr=False, description="its key, if it wants one")
    openai_asr_model: Name = Field("whisper-1", description="its model")
    endpoint_model: bool = Field(True, description="whether a model helps to tell when a turn is over")
    mode: Literal["talk", "mirror"] = Field(
        "talk", description="talk, or mirror: the person's face moves the character"
    )
    camera: bool = Field(True, description="whether the character may see: faces and signs of the hand")
    emotion: bool = Field(True, description="whether mood may be read, from face, voice and words")
    face_landmarker_task: Path | None = Field(None, description="a MediaPipe face landmarker (.task) instead of ours")
    hand_landmarker_task: Path | None = Field(None, description="a MediaPipe hand landmarker (.task) instead of ours")
    brain: Name = Field("auto", description="brain backend: auto, retrieval, openai or transformers")
    retrieval_model: Literal["retrieval_large", "retrieval"] = Field(
        "retrieval_large", description="model that finds what is meant; retrieval is quicker and finds less"
    )
    llm_url: Name | None = Field(None, description="base address of an OpenAI-compatible language model service")
    llm_key: str | None = Field(None, max_length=500, repr=False, description="its key, if it wants one")
    llm_model: Name | None = Field(
        None, description="its model; without llm_url, a transformers model: a folder or a hub name"
    )
    llm_max_tokens: int = Field(200, ge=16, le=2_000, description="longest answer of a language model, in tokens")
    llm_first_token_s: float = Field(1.5, gt=0, le=60, description="longest wait for a language model's first text")
    llm_first_phrase_s: float = Field(4.0, gt=0, le=60, description="longest wait for its first whole phrase")
    llm_timeout_s: float = Field(20.0, gt=0, le=300, description="longest time it may write one answer")
    max_sessions: int | None = Field(
        None, ge=1, le=MAX_SESSIONS, description="most conversations at a time; else the profile's"
    )
    ice_servers: Words = Field(
        (), max_length=8, repr=False, description="STUN and TURN servers: stun:HOST:PORT, turn:USER:PASS@HOST"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="how much is logged")
    database_url: str | None = Field(
        None, max_length=500, repr=False, description="database of people: postgresql://...; else a file in data_dir"
    )
    keep_days: int = Field(30, ge=0, le=3_650, description="days that a person is remembered; 0 remembers nobody")
    experiment: Name | None = Field(
        None, description="experiment under way: a file (.toml), or a name in the folder experiments of data_dir"
    )
    graph_url: str = Field(
        "", max_length=500, repr=False, description="graph database: neo4j://USER:PASSWORD@HOST; else the embedded one"
    )
    data_dir: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("avatar-runtime"),
        description="folder for memory and downloaded models",
    )
    cache_dir: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("avatar-runtime"),
        description="folder for what can be made again",
    )

    @property
    def beyond_loopback(self) -> bool:
        """Whether other machines can reach the server."""
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host != "localhost"

    @model_validator(mode="after")
    def _check_files(self) -> "Settings":
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key are only of use together; give both or neither")
        for field in ("tls_cert", "tls_key", "piper_voice", "face_landmarker_task", "hand_landmarker_task"):
            path = getattr(self, field)
            if path is not None and not path.is_file():
                raise ValueError(f"{field}: there is no file {path}")
        for server in self.ice_servers:
            if not server.startswith(("stun:", "stuns:", "turn:", "turns:")):
                raise ValueError("ice_servers: each begins with stun: or turn:")
        return self


def load_settings(
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    config: Path | None = None,
) -> Settings:
    """Return the settings from a file, the environment and flags (field name -> value), later ones first.

    `config` defaults to AVATAR_CONFIG; without either no file is read. PORT counts where AVATAR_PORT is not set.

    Raises:
        UserError: the file can't be read, or a value is wrong; it names the field, where it stands and what to do.
    """
    environment = os.environ if environment is None else environment
    flags = dict(flags or {})
    if config is None and environment.get(f"{PREFIX}CONFIG"):
        config = Path(environment[f"{PREFIX}CONFIG"])
    file_values = _read_config(config) if config else {}
    env_values = {
        name: environment[PREFIX + name.upper()]
        for name in Settings.model_fields
        if environment.get(PREFIX + name.upper())
    }
    if "port" not in env_values and environment.get("PORT"):
        env_values["port"] = environment["PORT"]
    try:
        return Settings(**{**file_values, **env_values, **flags})
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        raise _explain(field, first, flags, env_values, config) from None


def add_flags(parser: argparse.ArgumentParser, *names: str) -> None:
    """Add `--config` and a flag for each setting named (all of them if none is) to a parser."""
    group = parser.add_argument_group("settings", "each also in the environment (AVATAR_PORT, ...) or a TOML file")
    group.add_argument("--config", type=Path, metavar="FILE", default=None, help="settings file (TOML)")
    for name in names or tuple(Settings.model_fields):
        field = Settings.model_fields[name]
        default = "" if field.default_factory or field.default in (None, ()) else f" [{field.default}]"
        group.add_argument(
            f"--{name.replace('_', '-')}",
            dest=name,
            metavar=name.rpartition("_")[2].upper(),
            default=argparse.SUPPRESS,
            help=(field.description or "") + default,
        )


def settings_from(args: argparse.Namespace) -> Settings:
    """Return the settings of a parser that `add_flags` prepared. Raises what `load_settings` raises."""
    given = {name: value for name, value in vars(args).items() if name in Settings.model_fields}
    return load_settings(given, config=getattr(args, "config", None))


def _read_config(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise UserError(
                f"The settings file {path} is over {MAX_CONFIG_BYTES // 1024} KiB.", "Is it the right file?"
            )
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"The settings file {path} can't be read: {error.strerror}.", "Check --config.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"The settings file {path} is not TOML: {error}.", "Correct that line.") from None


def _explain(
    field: str, first: Mapping[str, Any], flags: Mapping[str, Any], env_values: Mapping[str, str], config: Path | None
) -> UserError:
    """Say what is wrong with a setting, and where it was set."""
    message = str(first["msg"]).removeprefix("Value error, ")
    if not field:
        return UserError(f"The settings don't fit: {message}.", "Correct them, or leave them out.")
    if first["type"] == "extra_forbidden":
        return UserError(
            f"There is no setting {field!r}.", f"Correct {config}; it knows {', '.join(Settings.model_fields)}."
        )
    if field in flags:
        place = f"--{field.replace('_', '-')}"
    elif field in env_values:
        place = f"{'PORT or ' if field == 'port' else ''}{PREFIX}{field.upper()} in the environment"
    else:
        place = f"{field} in {config}"
    shown = f" {first['input']!r}" if Settings.model_fields[field].repr else ""  # the others may hold a password
    return UserError(f"The setting {field} has a wrong value{shown}: {message}.", f"Correct {place}.")
