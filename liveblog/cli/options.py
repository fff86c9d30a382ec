"""Options made from the table of settings, so that the two cannot drift apart."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from liveblog.config import Setting, Settings, settings_table

F = TypeVar("F", bound=Callable[..., Any])


def read_settings(**overrides: Any) -> Settings:
    """The settings of this process: its environment, and the options given.

    :raises ConfigError: one of them is wrong.
    """
    return Settings.from_env(os.environ, **overrides)


def setting_options(*names: str) -> Callable[[F], F]:
    """A decorator that adds an option for each setting, or for those named.

    Values are handed on as text: the table knows how to read them and what to say when one
    is wrong, as it does for the environment.
    """

    def decorate(command: F) -> F:
        for setting in reversed(settings_table()):
            if not names or setting.name in names:
                command = _option(setting)(command)
        return command

    return decorate


def _option(setting: Setting) -> Callable[[F], F]:
    default = f" Default: {setting.shown}." if setting.shown else ""
    return click.option(
        "--" + setting.name.replace("_", "-"),
        setting.name,
        metavar=setting.kind.__name__.upper() if setting.kind is int else "TEXT",
        help=f"{setting.sentence}{default}  [{setting.env}]",
    )


def server_url(settings: Settings) -> str:
    """Where a server with these settings answers.

    One that listens on every address is asked on this machine's own.
    """
    if settings.public_url:
        return settings.public_url
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
