"""Settings: what is read, and the sentence when it cannot be."""

import os
import re
import stat
from pathlib import Path

import pytest

from liveblog.config import Settings, prepare_folder, settings_table, valkey_socket
from liveblog.errors import ConfigError
from liveblog.push import vapid_of

ROOT = Path(__file__).parents[2]


def test_defaults_are_what_the_protocol_says() -> None:
    settings = Settings.from_env({})
    assert (settings.host, settings.port, settings.processes) == ("127.0.0.1", 8000, 1)
    assert settings.data_dir == Path("liveblog-data")
    assert settings.allowed_origins == ("*",)
    assert settings.trusted_proxies == ()
    assert settings.store_url == f"sqlite:///{Path.cwd()}/liveblog-data/liveblog.db"
    assert settings.links_base == ""
    assert settings.max_readers_per_address >= 2000, "mobile networks share addresses"


def test_reads_every_kind_of_value() -> None:
    settings = Settings.from_env(
        {
            "LIVEBLOG_PORT": " 9000 ",
            "LIVEBLOG_DATA_DIR": "/srv/live",
            "LIVEBLOG_TRUSTED_PROXIES": "10.0.0.0/8, ::1,",
            "LIVEBLOG_PUBLIC_URL": "https://news.example/live/",
            "LIVEBLOG_HOST": "",
        }
    )
    assert settings.port == 9000
    assert settings.data_dir == Path("/srv/live")
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")
    assert settings.links_base == "https://news.example/live"
    assert settings.host == "127.0.0.1", "an empty variable counts as not set"


def test_changes_are_told_only_where_somebody_wants_to_know() -> None:
    assert Settings.from_env({}).destinations == ()
    wanted = {"LIVEBLOG_PUBLIC_URL": "https://n.example", "LIVEBLOG_PURGE_URL": "http://10.0.0.1/p"}
    assert Settings.from_env(wanted).destinations == ("purge",), "also at a private address"


def test_push_is_on_where_there_is_somebody_to_write_to() -> None:
    settings = Settings.from_env({"LIVEBLOG_PUSH_CONTACT": "mailto:desk@n.example"})
    assert settings.destinations == ("push",)
    assert "fcm.googleapis.com" in settings.push_hosts


def test_port_where_only_that_is_set() -> None:
    assert Settings.from_env({"PORT": "5000"}).port == 5000
    assert Settings.from_env({"PORT": "5000", "LIVEBLOG_PORT": "6000"}).port == 6000


def test_options_win_and_none_is_not_given() -> None:
    settings = Settings.from_env(
        {"LIVEBLOG_PORT": "1", "LIVEBLOG_HOST": "::1"}, port="7000", host=None, data_dir="/x"
    )
    assert (settings.port, settings.host, settings.data_dir) == (7000, "::1", Path("/x"))


def test_a_child_reads_the_same_settings_from_its_environment() -> None:
    settings = Settings.from_env(
        {"LIVEBLOG_ALLOWED_ORIGINS": "https://a.example,https://b.example:8443"}, processes=3
    )
    assert Settings.from_env(settings.to_env()) == settings


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"LIVEBLOG_PORT": "eighty"}, "LIVEBLOG_PORT is 'eighty'; it must be a whole number from"),
        ({"LIVEBLOG_PORT": "70000"}, "from 0 to 65535, for example LIVEBLOG_PORT=8000."),
        ({"PORT": "x"}, "PORT is 'x'"),
        ({"LIVEBLOG_PORT": "tcp://10.0.0.1:80"}, "enableServiceLinks"),
        ({"LIVEBLOG_PROCESSES": "0"}, "from 1 to 256"),
        ({"LIVEBLOG_MAX_READERS": "-1"}, "at least 1, for example"),
        ({"LIVEBLOG_PUBLIC_URL": "news.example"}, "whole address with https:// or http://"),
        ({"LIVEBLOG_ALLOWED_ORIGINS": "https://a.example/path"}, "LIVEBLOG_ALLOWED_ORIGINS is"),
        ({"LIVEBLOG_TRUSTED_PROXIES": "*"}, "must be addresses or networks"),
        ({"LIVEBLOG_LOG_LEVEL": "loud"}, "must be one of debug, info, warning, error"),
        ({"LIVEBLOG_DATABASE_URL": "mysql://u:pw@h/d"}, "must begin with postgresql://"),
        ({"LIVEBLOG_SECRET_KEY": "short"}, "at least 32 characters"),
        ({"LIVEBLOG_PURGE_URL": "ftp://cdn/x"}, "LIVEBLOG_PURGE_URL must be a whole address with"),
        ({"LIVEBLOG_PURGE_URL": "https:///x"}, "http:// and a host, for example"),
        ({"LIVEBLOG_PURGE_URL": "https://u:pw@cdn/x"}, "no password in it: use LIVEBLOG_PURGE_TOK"),
        ({"LIVEBLOG_PURGE_URL": "https://cdn/x#a"}, "must have no fragment"),
        ({"LIVEBLOG_PURGE_URL": "https://cdn/x"}, "LIVEBLOG_PURGE_URL needs LIVEBLOG_PUBLIC_URL:"),
        ({"LIVEBLOG_PURGE_TOKEN": "short words"}, "must be ASCII without spaces"),
        ({"LIVEBLOG_PUSH_CONTACT": "desk@n.example"}, "must begin with mailto: or https://"),
        ({"LIVEBLOG_PUSH_KEY": "short"}, "LIVEBLOG_PUSH_KEY must be 32 bytes in base64url"),
        ({"LIVEBLOG_PUSH_HOSTS": "https://a.example"}, "must be names of hosts"),
        ({"LIVEBLOG_PUSH_HOSTS": "a.*.example"}, "must be names of hosts"),
        ({"LIVEBLOG_PUSH_SUBSCRIPTIONS": "0"}, "from 1 to 1000000"),
        ({"LIVEBLOG_PROT": "1"}, "There is no setting LIVEBLOG_PROT. Did you mean LIVEBLOG_PORT"),
        ({"LIVEBLOG_DATABASE": "x"}, "Did you mean LIVEBLOG_DATABASE_URL"),
    ],
)
def test_a_wrong_value_is_told_in_a_sentence(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError) as told:
        Settings.from_env(environ)
    assert sentence in str(told.value)
    for secret in ("pw@", "short"):
        assert secret not in str(told.value), "what may be a secret is not repeated"


def test_a_wrong_option_is_told_like_a_wrong_variable() -> None:
    with pytest.raises(ConfigError, match="LIVEBLOG_PORT is '-1'"):
        Settings.from_env({}, port=-1)


def test_other_variables_are_none_of_our_business() -> None:
    Settings.from_env(
        {"LIVEBLOG_TEST_PORT": "x", "LIVEBLOG_CHROMIUM": "/c", "LIVEBLOG_TOKEN": "t", "PROT": "1"}
    )


def test_the_folder_and_the_key_are_made_once(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "a" / "b")
    with pytest.raises(ConfigError, match=r"no secret key.*a/b/secret_key"):
        settings.secret()
    prepare_folder(settings)
    key = settings.secret()
    prepare_folder(settings)
    assert len(key) >= 32
    assert settings.secret() == key
    assert stat.S_IMODE(settings.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((settings.folder / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in settings.folder.iterdir()] == ["secret_key"]


def test_the_key_of_web_push_is_made_once_and_only_where_it_is_on(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, secret_key="k" * 40, push_contact="mailto:a@b.c")
    with pytest.raises(ConfigError, match="no key of web push: LIVEBLOG_PUSH_KEY is not set"):
        settings.vapid_key()
    prepare_folder(settings)
    key = settings.vapid_key()
    prepare_folder(settings)
    assert settings.vapid_key() == key
    assert Settings(push_key=key).vapid_key() == key
    assert len(vapid_of(settings).public) == 87
    assert stat.S_IMODE((settings.folder / "push_key").stat().st_mode) == 0o600
    assert [path.name for path in settings.folder.iterdir()] == ["push_key"]


def test_a_key_of_web_push_that_is_none_is_told() -> None:
    none = "_" * 43  # beyond the order of the curve
    with pytest.raises(ConfigError, match="LIVEBLOG_PUSH_KEY") as told:
        vapid_of(Settings(push_contact="mailto:a@b.c", push_key=none))
    assert none not in str(told.value)


def test_a_key_that_is_set_is_not_written_down(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "d", secret_key="k" * 40)
    prepare_folder(settings)
    assert settings.secret() == "k" * 40
    assert list(settings.folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be used"):
        prepare_folder(Settings(data_dir=tmp_path / "file" / "sub"))


def test_the_socket_has_a_path_the_kernel_takes(tmp_path: Path) -> None:
    assert valkey_socket(tmp_path) == tmp_path.resolve() / "valkey.sock"
    deep = tmp_path / ("x" * 120)
    assert len(os.fsencode(valkey_socket(deep))) <= 107
    assert valkey_socket(deep) == valkey_socket(deep)
    assert valkey_socket(deep) != valkey_socket(tmp_path / ("y" * 120))


def test_the_handbook_lists_every_setting_as_it_is() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    listed = re.findall(r"^\| `(LIVEBLOG_\w+)` \| (.*?) \| (.*) \|$", text, re.MULTILINE)
    assert listed == [
        (
            row.env,
            f"`{row.shown}`" if row.shown else "(empty)",
            f"{row.sentence} Example: `{row.example}`",
        )
        for row in settings_table()
    ]


def test_every_setting_says_what_it_is() -> None:
    for row in settings_table():
        assert row.sentence.endswith("."), row.name
        assert row.read(row.example, row.env) is not None, "its example is a value"
