import argparse
from pathlib import Path

import pytest
from pydantic import ValidationError

from runtime.core.errors import UserError
from runtime.core.settings import Settings, add_flags, load_settings, settings_from


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_flags(parser)
    return parser.parse_args(words)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "avatar.toml"


def test_defaults_need_nothing() -> None:
    settings = load_settings({}, {})
    assert (settings.host, settings.port, settings.persona, settings.device) == ("127.0.0.1", 8080, "concierge", "auto")
    assert settings.avatar is None
    assert settings.token is None
    assert not settings.beyond_loopback


def test_flags_beat_the_environment_beats_the_file(config: Path) -> None:
    config.write_text('port = 1001\npersona = "file"\nvoice = "espeak"\n')
    environment = {"AVATAR_PORT": "1002", "AVATAR_PERSONA": "environment"}
    settings = load_settings({"port": "1003"}, environment, config)
    assert (settings.port, settings.persona, settings.voice) == (1003, "environment", "espeak")


def test_port_in_the_environment_counts_below_avatar_port() -> None:
    assert load_settings({}, {"PORT": "9000"}).port == 9000
    assert load_settings({}, {"PORT": "9000", "AVATAR_PORT": "9001"}).port == 9001
    assert load_settings({}, {"PORT": ""}).port == 8080


def test_the_file_can_be_named_in_the_environment(config: Path) -> None:
    config.write_text('max_sessions = 3\nice_servers = ["stun:host:3478"]\n')
    settings = load_settings({}, {"AVATAR_CONFIG": str(config)})
    assert settings.max_sessions == 3
    assert settings.ice_servers == ("stun:host:3478",)


def test_every_setting_has_a_flag_and_a_description(monkeypatch: pytest.MonkeyPatch, config: Path) -> None:
    monkeypatch.delenv("PORT", raising=False)
    args = parse("--port", "1", "--ice-servers", "stun:a:1, turn:u:p@b", "--log-level", "debug")
    settings = settings_from(args)
    assert (settings.port, settings.log_level) == (1, "debug")
    assert settings.ice_servers == ("stun:a:1", "turn:u:p@b")
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert hasattr(parse(f"--{name.replace('_', '-')}", "x"), name)


def test_a_flag_that_is_not_given_does_not_hide_the_file(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORT", raising=False)
    config.write_text("port = 1001\n")
    assert settings_from(parse("--config", str(config))).port == 1001


@pytest.mark.parametrize(
    ("flags", "environment", "names"),
    [
        ({"port": "70000"}, {}, ["port", "70000", "--port"]),
        ({}, {"PORT": "http"}, ["port", "http", "PORT or AVATAR_PORT"]),
        ({}, {"AVATAR_MAX_SESSIONS": "0"}, ["max_sessions", "AVATAR_MAX_SESSIONS"]),
        ({"log_level": "loud"}, {}, ["log_level", "'debug'", "--log-level"]),
        ({"tls_cert": "/no/such.pem", "tls_key": "/no/such.pem"}, {}, ["tls_cert", "/no/such.pem"]),
        ({"ice_servers": "http://host"}, {}, ["ice_servers", "stun:"]),
        ({"persona": ""}, {}, ["persona", "--persona"]),
        ({"ice_servers": ",".join(["stun:a"] * 9)}, {}, ["ice_servers", "8"]),
    ],
)
def test_a_wrong_value_is_named_with_its_place(
    flags: dict[str, str], environment: dict[str, str], names: list[str]
) -> None:
    with pytest.raises(UserError) as raised:
        load_settings(flags, environment)
    for name in names:
        assert name in str(raised.value)
    assert raised.value.remedy


def test_a_wrong_value_in_the_file_names_the_file(config: Path) -> None:
    config.write_text('port = "many"\n')
    with pytest.raises(UserError, match=r"port in .*avatar\.toml"):
        load_settings({}, {}, config)
    config.write_text("prot = 1\n")
    with pytest.raises(UserError, match="no setting 'prot'"):
        load_settings({}, {}, config)


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    with pytest.raises(UserError) as raised:
        load_settings({"token": "short7!"}, {})
    assert "short7!" not in str(raised.value)
    assert "long-enough" not in repr(load_settings({"token": "long-enough"}, {}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ice_servers", "turn:a:1,USER:PASSWORD@host"),
        ("ice_servers", ",".join(["turn:USER:PASSWORD@host"] * 9)),
        ("graph_url", "neo4j://USER:PASSWORD@host" + "/" * 500),
        ("database_url", "postgresql://USER:PASSWORD@host" + "/" * 500),
        ("llm_key", "PASSWORD" * 100),
    ],
)
def test_an_address_with_a_password_in_it_is_not_shown_when_it_is_wrong(field: str, value: str) -> None:
    with pytest.raises(UserError, match=field) as raised:
        load_settings({field: value}, {})
    assert "PASSWORD" not in str(raised.value)


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe", b"#" * 70_000])
def test_a_file_that_is_no_toml_is_a_clear_error(config: Path, content: bytes) -> None:
    config.write_bytes(content)
    with pytest.raises(UserError, match="settings file"):
        load_settings({}, {}, config)
    with pytest.raises(UserError, match="can't be read"):
        load_settings({}, {}, config.with_name("missing.toml"))
    with pytest.raises(UserError, match="can't be read"):
        load_settings({}, {}, config.parent)


@pytest.mark.parametrize(
    ("host", "beyond"),
    [
        ("127.0.0.1", False),
        ("::1", False),
        ("localhost", False),
        ("0.0.0.0", True),
        ("192.168.1.5", True),
        ("pc", True),
    ],
)
def test_addresses_that_others_can_reach_are_known(host: str, beyond: bool) -> None:
    assert load_settings({"host": host}, {}).beyond_loopback is beyond


def test_https_needs_both_files(tmp_path: Path) -> None:
    cert = tmp_path / "cert.pem"
    cert.touch()
    with pytest.raises(UserError, match="together"):
        load_settings({"tls_cert": str(cert)}, {})
    assert load_settings({"tls_cert": str(cert), "tls_key": str(cert)}, {}).tls_cert == cert


def test_settings_do_not_change() -> None:
    settings = load_settings({}, {})
    with pytest.raises(ValidationError):
        settings.port = 1
