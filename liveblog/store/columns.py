"""How a field of a Struct becomes a column: the three types that are not a database's own.

With them a row *is* the Struct: ``Entry(*row)`` and ``asdict(entry)`` are the whole mapping,
and comparisons in WHERE take the same Python values. Nothing here depends on the engine.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

WORD = Text().with_variant(Text(collation="C"), "postgresql")
"""Ids, slugs, names of states: compared byte by byte, as SQLite does, whatever the locale of
the PostgreSQL cluster; else the order of two ids could differ between the engines."""

_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """A UTC ``datetime`` as whole microseconds since 1970: exact, and the same on both engines."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """A naive ``datetime`` is refused (TypeError): nobody could say when it was."""
        return None if value is None else (value - _ZERO) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Back, always in UTC."""
        return None if value is None else _ZERO + timedelta(microseconds=value)


class Date(TypeDecorator[date]):
    """A calendar day of a blog's own zone as ``2026-05-01``."""

    impl = WORD
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        """ISO 8601 sorts as text."""
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:
        """Back."""
        return None if value is None else date.fromisoformat(value)


class Json(TypeDecorator[Any]):
    """A Struct, a tuple or a dict as JSON text; None is NULL.

    Text and not JSONB: the database never looks inside, and msgspec makes and reads the text
    several times faster than either driver would its own type.
    """

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind
        self._encode = msgspec.json.Encoder().encode
        self._decode = msgspec.json.Decoder(kind).decode

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """UTF-8 JSON, as text."""
        return None if value is None else self._encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Back, checked against the type."""
        return None if value is None else self._decode(value)
