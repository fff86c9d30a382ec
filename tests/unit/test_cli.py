"""Commands that need no server: help, options, and sentences instead of tracebacks."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from liveblog import __version__
from liveblog.cli import main
from liveblog.cli.options import server_url
from liveblog.config import Settings, settings_table

COMMANDS = [
    *("serve", "web", "worker", "demo", "blog", "token", "user", "invitation"),
    *("post", "tail", "migrate", "epoch", "check"),
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, and no setting but what a test gives."""
    monkeypatch.chdir(tmp_path)
    for setting in settings_table():
        monkeypatch.delenv(setting.env, raising=False)
    monkeypatch.delenv("LIVEBLOG_TOKEN", raising=False)
    monkeypatch.delenv("PORT", raising=False)
    return tmp_path


def run(*arguments: str, **more: str) -> Result:
    return CliRunner().invoke(main, arguments, **more)  # type: ignore[arg-type]


def test_help_lists_the_commands() -> None:
    assert list(main.commands) == COMMANDS
    result = run("--help")
    assert result.exit_code == 0
    assert all(f"  {name}" in result.stdout for name in COMMANDS)
    assert __version__ in run("--version").stdout


def test_every_setting_is_an_option_of_serve() -> None:
    text = run("serve", "--help").stdout
    for setting in settings_table():
        assert f"--{setting.name.replace('_', '-')} " in text
        assert setting.env in text.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize(
    "command",
    [
        ["blog", "list"],
        ["blog", "create", "b", "--title", "T"],
        ["token", "create", "n", "--scope", "write"],
        ["token", "list"],
        ["token", "revoke", "x"],
        ["epoch", "renew"],
    ],
    ids=" ".join,
)
def test_what_needs_a_database_says_where_it_looked(here: Path, command: list[str]) -> None:
    result = run(*command)
    assert result.exit_code == 2
    assert str(here / "liveblog-data") in result.stderr
    assert "liveblog migrate" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not list(here.iterdir())


def test_check_says_what_is_missing_and_makes_nothing(here: Path) -> None:
    result = run("check")
    assert result.exit_code == 1
    assert "fails database" in result.stdout
    assert str(here / "liveblog-data") in result.stdout
    assert not list(here.iterdir())


def test_a_wrong_setting_is_a_sentence(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEBLOG_PORT", "eighty")
    result = run("blog", "list")
    assert result.exit_code == 2
    assert result.stderr.startswith("liveblog: LIVEBLOG_PORT is 'eighty'; it must be")
    result = run("serve", "--processes", "0")
    assert result.exit_code == 2


def test_migrate_makes_the_folder_and_says_so_once(here: Path) -> None:
    assert "brought to" in run("migrate").stdout
    assert "up to date already" in run("migrate").stdout
    assert (here / "liveblog-data" / "liveblog.db").exists()


def test_a_token_is_needed_and_never_an_argument(here: Path) -> None:
    result = run("post", "b", "text")
    assert result.exit_code == 2
    assert "LIVEBLOG_TOKEN" in result.stderr
    assert "--token " not in run("post", "--help").stdout


def test_no_answer_is_said(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEBLOG_TOKEN", "t")
    # Port 9 is "discard"; nothing listens there.
    result = run("post", "b", "text", "--url", "http://127.0.0.1:9", "--wait", "0.05")
    assert result.exit_code == 1
    assert "There was no answer from http://127.0.0.1:9" in result.stderr


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (Settings(), "http://127.0.0.1:8000"),
        (Settings(host="0.0.0.0", port=80), "http://127.0.0.1:80"),
        (Settings(host="::"), "http://[::1]:8000"),
        (Settings(public_url="https://news.example/live"), "https://news.example/live"),
    ],
)
def test_where_the_server_is(settings: Settings, url: str) -> None:
    assert server_url(settings) == url
