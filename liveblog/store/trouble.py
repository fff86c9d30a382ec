"""What an error of a database means: try again now, come back later, or a mistake of ours.

Told by SQLSTATE and by SQLite's codes, never by the words of a message: those change, and a
server says them in its own language.
"""

import sqlite3

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from liveblog.errors import ConfigError, LiveblogError, StoreBusy

_AGAIN = {"40001", "40P01"}
"""Serialization failure and deadlock: PostgreSQL asks to run it again."""

_PASSING = {"55P03", "57014", "57P01", "57P02", "57P03", "25P03", "25006"}
"""Lock and statement timeout, shutting down and starting up, cut off for idling, and a
server that has become read-only (a fail-over under way)."""

_PASSING_CLASSES = {"08", "53", "40"}
"""Connection trouble; out of connections, memory or disk; a retry that did not help."""

_REFUSED_CLASSES = {"28", "3D"}
"""Wrong user or password, no such database."""

_FILE_PASSING = {
    sqlite3.SQLITE_BUSY: "another process is writing to it",
    sqlite3.SQLITE_LOCKED: "another process is writing to it",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk does not answer",
    sqlite3.SQLITE_CANTOPEN: "its file cannot be opened",
    sqlite3.SQLITE_READONLY: "its file may not be written to",
}
_FILE_WRONG = {
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_READONLY: "it may not be written to",
    sqlite3.SQLITE_PERM: "access is not allowed",
    sqlite3.SQLITE_NOTADB: "it is not a SQLite database",
    sqlite3.SQLITE_CORRUPT: "it is damaged: restore it from a backup",
}


def forbidden_write(error: Exception) -> bool:
    """Whether a database that only reads was asked to write.

    Inside ``read`` that is a mistake of ours; inside ``write`` it is an outage (a fail-over,
    a disk mounted read-only).
    """
    if isinstance(error, DBAPIError) and _state(error) == "25006":
        return True
    return _code(error) == sqlite3.SQLITE_READONLY


def worth_repeating(error: DBAPIError) -> bool:
    """Whether the same function may well succeed when it is run again at once.

    An IntegrityError is: somebody took the unique key at the same moment, and will now be seen.
    """
    return isinstance(error, IntegrityError) or _state(error) in _AGAIN


def outage(error: Exception) -> bool:
    """Whether the database is to blame and coming back may help."""
    if isinstance(error, IntegrityError):
        return False
    if isinstance(error, DBAPIError):
        state = _state(error)
        if state in _PASSING or state[:2] in _PASSING_CLASSES:
            return True
        # asyncpg says "connection is closed" without a state.
        return error.connection_invalidated or (isinstance(error, InterfaceError) and not state)
    return isinstance(error, PoolTimeout | OSError)  # a TimeoutError is an OSError


def unreachable(address: object, error: Exception) -> LiveblogError | None:
    """What to say when connecting failed; None when it is a mistake of ours.

    :param address: how the database is called, without its password.
    """
    if isinstance(error, DBAPIError):
        if _state(error)[:2] in _REFUSED_CLASSES:
            return ConfigError(f"The database {address} refuses us: {error.orig}.")
        if isinstance(error, InterfaceError):
            return ConfigError(f"The database URL {address} is not sound: {error.orig}.")
    if isinstance(error, TypeError):  # asyncpg.connect() has no such parameter
        return ConfigError(f"The database URL {address} has a parameter that is not known.")
    if outage(error):
        return StoreBusy(f"The database {address} cannot be reached ({error or 'no answer'}).")
    return None


def _state(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or "")


def busy_file(error: Exception) -> StoreBusy | None:
    """The refusal to give for an error of a SQLite file in use; None for a mistake of ours."""
    reason = _FILE_PASSING.get(_code(error))
    if reason is None:
        return None
    return StoreBusy(f"The database is busy ({reason}); nothing was changed; send it again.")


def unusable_file(path: str, error: Exception) -> LiveblogError | None:
    """What to say when a SQLite file is opened or migrated in vain."""
    wrong = _FILE_WRONG.get(_code(error))
    if wrong is not None:
        return ConfigError(f"The database file {path} cannot be used: {wrong}.")
    return busy_file(error)


def _code(error: Exception) -> int:
    cause = error.orig if isinstance(error, DBAPIError) else error
    # The extended code (BUSY_SNAPSHOT, IOERR_FSYNC …) has the plain one in its low byte.
    return int(getattr(cause, "sqlite_errorcode", 0)) & 0xFF
