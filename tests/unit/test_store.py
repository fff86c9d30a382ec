"""What of the store needs no database: addresses, columns, errors."""

import sqlite3
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields
from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import OperationalError

from liveblog.errors import ConfigError, StoreBusy
from liveblog.model.entry import Byline, Source
from liveblog.store.address import address_of
from liveblog.store.columns import Date, Json, Moment
from liveblog.store.schema import KEPT
from liveblog.store.trouble import busy_file, outage, unusable_file

_DIALECT = sqlite.dialect()


@pytest.mark.parametrize("table", KEPT, ids=lambda table: table.name)
def test_the_columns_are_the_fields_of_the_struct_in_order(table: Table) -> None:
    assert [column.name for column in table.columns] == [f.name for f in fields(KEPT[table])]


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-9.5))])))
def test_a_moment_comes_back_exactly(moment: datetime) -> None:
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        return  # before the year 1 or after 9999 in UTC
    column = Moment()
    kept = column.process_bind_param(moment, _DIALECT)
    assert isinstance(kept, int)
    assert column.process_result_value(kept, _DIALECT) == utc


@given(st.dates(), st.dates())
def test_dates_sort_as_text(one: date, other: date) -> None:
    column = Date()
    kept = [column.process_bind_param(day, _DIALECT) or "" for day in (one, other)]
    assert (kept[0] < kept[1]) == (one < other)
    assert column.process_result_value(kept[0], _DIALECT) == one


@given(st.lists(st.builds(Byline, st.text(), st.none() | st.text()), max_size=3))
def test_structures_come_back_exactly(bylines: list[Byline]) -> None:
    column = Json(tuple[Byline, ...])
    kept = column.process_bind_param(tuple(bylines), _DIALECT)
    assert kept is not None
    assert "\x00" not in kept  # PostgreSQL takes none
    assert column.process_result_value(kept, _DIALECT) == tuple(bylines)


@pytest.mark.parametrize("column", [Moment(), Date(), Json(Source)])
def test_none_stays_none(column: Any) -> None:
    assert column.process_bind_param(None, _DIALECT) is None
    assert column.process_result_value(None, _DIALECT) is None


def test_addresses() -> None:
    assert address_of("sqlite:////var/lib/x.db").path == "/var/lib/x.db"
    for url in ("postgresql://u:pw@h/d", "postgresql+asyncpg://u:pw@h/d"):
        address = address_of(url)
        assert address.path is None
        assert address.url.drivername == "postgresql+asyncpg"
        assert str(address) == "postgresql+asyncpg://u:***@h/d"
    assert address_of("postgresql://h/d?sslmode=require").url.query == {"ssl": "require"}


@pytest.mark.parametrize(
    "url",
    ["", "x", "sqlite://", "sqlite:///:memory:", "sqlite:///x.db", "mysql://h/d", "sqlite+x:////y"],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="write sqlite:////absolute"):
        address_of(url)


def test_a_password_is_never_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        address_of("postgresql://u:secret@h:port/d")
    assert "secret" not in str(caught.value)


def _sqlite_error(code: int) -> OperationalError:
    cause = sqlite3.OperationalError("words do not matter")
    cause.sqlite_errorcode = code
    return OperationalError("SELECT", {}, cause)


def test_errors_of_a_file_are_told_by_their_code() -> None:
    assert isinstance(busy_file(_sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT)), StoreBusy)
    full = busy_file(_sqlite_error(sqlite3.SQLITE_FULL))
    assert full is not None
    assert "disk is full" in str(full)
    assert busy_file(_sqlite_error(sqlite3.SQLITE_ERROR)) is None
    assert isinstance(unusable_file("/x", _sqlite_error(sqlite3.SQLITE_NOTADB)), ConfigError)
    assert isinstance(unusable_file("/x", _sqlite_error(sqlite3.SQLITE_BUSY)), StoreBusy)
    assert unusable_file("/x", _sqlite_error(sqlite3.SQLITE_ERROR)) is None


def test_a_refused_connection_is_an_outage_and_a_mistake_is_not() -> None:
    assert outage(ConnectionRefusedError())
    assert outage(TimeoutError())
    assert not outage(KeyError())
