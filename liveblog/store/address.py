"""Which database a URL means, the sentence when it means none, and how a file is opened."""

import sqlite3
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from liveblog.errors import ConfigError

_FORMS = (
    "write sqlite:////absolute/path/liveblog.db or postgresql://user:password@host:5432/database"
)


class Address(NamedTuple):
    """A URL we can open: ``path`` of a SQLite file, or else PostgreSQL over asyncpg."""

    url: URL
    path: str | None

    @property
    def missing(self) -> bool:
        """Whether this is a file that does not exist yet."""
        return self.path is not None and not Path(self.path).exists()

    def __str__(self) -> str:
        """The URL without its password, for messages."""
        return self.url.render_as_string(hide_password=True)


def address_of(url: str) -> Address:
    """Read a database URL.

    :raises ConfigError: it is not one of the two forms.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The text is not repeated: it may hold a password.
        raise ConfigError(f"The database URL cannot be read; {_FORMS}.") from None
    if parsed.drivername == "sqlite":
        path = parsed.database or ""
        if not path.startswith("/") and path[1:3] not in (":/", ":\\"):
            raise ConfigError(f"The database URL {url} names no file by its full path; {_FORMS}.")
        return Address(parsed, path)
    if parsed.drivername in ("postgresql", "postgresql+asyncpg"):
        return Address(_for_asyncpg(parsed), None)
    raise ConfigError(f"There is no support for {parsed.drivername} databases; {_FORMS}.")


def _for_asyncpg(url: URL) -> URL:
    """The same with asyncpg's names: providers hand out libpq's ``sslmode``."""
    mode = url.query.get("sslmode")
    if mode is not None:
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return url.set(drivername="postgresql+asyncpg")


def connect_sqlite(
    path: str, *, create: bool = False, query_only: bool = False, patience: float = 5.0
) -> sqlite3.Connection:
    """A bare connection whose transactions are begun by hand.

    Without ``create`` a missing file is an error: a mistyped path must not become an empty
    database.

    :param patience: seconds to wait for another process that holds the file's lock.
    """
    raw = sqlite3.connect(
        f"file:{quote(path)}?mode={'rwc' if create else 'rw'}", uri=True, isolation_level=None
    )
    raw.execute(f"PRAGMA busy_timeout={int(patience * 1000)}")
    raw.execute("PRAGMA synchronous=FULL")
    raw.execute("PRAGMA foreign_keys=ON")
    if query_only:
        raw.execute("PRAGMA query_only=ON")
    return raw
