"""The settings, as the environment gives them, and what follows from them."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from liveblog.errors import ConfigError

from .fields import Fields
from .folder import make_folder, make_push_key, make_secret, read_kept, valkey_socket
from .table import Setting, refuse_typos, table_of


class Settings(Fields, frozen=True, kw_only=True):
    """Everything that can be set, and what follows from it."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str], **overrides: Any) -> "Settings":
        """Read the environment; ``overrides`` (options of a command) win, None is not given.

        :raises ConfigError: with a sentence that names the variable, what is wrong with it and
            an example.
        """
        refuse_typos(environ, settings_table())
        values: dict[str, Any] = {}
        for setting in settings_table():
            text = environ.get(setting.env, "").strip()
            source = setting.env
            if not text and setting.name == "port":
                text, source = environ.get("PORT", "").strip(), "PORT"
            if text:
                values[setting.name] = setting.read(text, source)
        for name, value in overrides.items():
            if value is not None:
                values[name] = _by_name(name).accept(value)
        settings = cls(**values)
        _refuse_halves(settings)
        return settings

    @property
    def destinations(self) -> tuple[str, ...]:
        """Who is told of each change by way of the outbox."""
        told = (("purge", self.purge_url), ("push", self.push_contact))
        return tuple(name for name, wanted in told if wanted)

    @property
    def folder(self) -> Path:
        """The data folder as an absolute path."""
        return self.data_dir.expanduser().resolve()

    @property
    def store_url(self) -> str:
        """The database, SQLite in the data folder included."""
        return self.database_url or f"sqlite:///{self.folder / 'liveblog.db'}"

    @property
    def broker_url(self) -> str:
        """The message server, the embedded one included."""
        return self.redis_url or "unix://" + quote(str(valkey_socket(self.folder)))

    @property
    def links_base(self) -> str:
        """What every address we make begins with; empty without a public URL."""
        return self.public_url.rstrip("/")

    def secret(self) -> str:
        """The secret of this installation.

        :raises ConfigError: it is neither set nor in the data folder.
        """
        return self.secret_key or read_kept(self.folder, "secret_key")

    def vapid_key(self) -> str:
        """The private key of web push.

        :raises ConfigError: it is neither set nor in the data folder.
        """
        return self.push_key or read_kept(self.folder, "push_key")

    def to_env(self) -> dict[str, str]:
        """The same settings as an environment, for a child process."""
        return {row.env: row.write(getattr(self, row.name)) for row in settings_table()}


def prepare_folder(settings: Settings) -> None:
    """Make the data folder (0700) and the secret key in it (0600), where they are missing.

    The key of web push, too, where that is on. Only ``serve``, ``demo`` and ``migrate`` do this;
    all else says where it looked.

    :raises ConfigError: the folder cannot be made or written.
    """
    make_folder(settings.folder)
    if not settings.secret_key:
        make_secret(settings.folder)
    if settings.push_contact and not settings.push_key:
        make_push_key(settings.folder)


@functools.cache
def settings_table() -> tuple[Setting, ...]:
    """Every setting, in the order of :class:`Settings`."""
    return table_of(Settings)


def _by_name(name: str) -> Setting:
    return next(setting for setting in settings_table() if setting.name == name)


def _refuse_halves(settings: Settings) -> None:
    """:raises ConfigError: a setting is there and another that it needs is not."""
    if settings.purge_url and not settings.public_url:
        raise ConfigError(
            "LIVEBLOG_PURGE_URL needs LIVEBLOG_PUBLIC_URL: a cache is told whole addresses,"
            f" as readers know them, for example {_by_name('public_url').env}="
            f"{_by_name('public_url').example}."
        )
    oidc = (settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)
    if any(oidc) and not all((*oidc, settings.public_url)):
        raise ConfigError(
            "LIVEBLOG_OIDC_ISSUER, LIVEBLOG_OIDC_CLIENT_ID and LIVEBLOG_OIDC_CLIENT_SECRET"
            " belong together, and need LIVEBLOG_PUBLIC_URL, for example"
            f" {_by_name('public_url').env}={_by_name('public_url').example}."
        )
    if bool(settings.media_key_id) != bool(settings.media_secret_key):
        raise ConfigError(
            "LIVEBLOG_MEDIA_KEY_ID and LIVEBLOG_MEDIA_SECRET_KEY need each other: set both,"
            " or neither to use the AWS_ variables or the role of the machine."
        )
