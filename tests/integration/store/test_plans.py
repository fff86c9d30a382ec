"""No question of the contract reads a whole table: an index gives what it asks, in order."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select
from sqlalchemy.dialects import sqlite

from liveblog.store import migrate, statements

_LISTS: dict[str, Select[Any]] = {
    "due": statements.DUE_ENTRIES,
    "ordinal": statements.ENTRIES_BY_ORDINAL,
    "listed": statements.LISTED_ENTRIES,
    "key": statements.KEY_ENTRIES,
    "latest day": statements.LATEST_DAY,
    "open days": statements.OPEN_DAYS,
    "revisions": statements.REVISIONS,
    "entry": statements.ENTRY,
    "blog": statements.LOCK_BLOG,
    "changed blog": statements.CHANGED_BLOG,
    "due deliveries": statements.DUE_DELIVERIES,
    "replay": statements.REPLAY,
}
_LISTS |= {f"entries {which}": one for which, one in statements.ENTRIES.items()}
_LISTS |= {f"changed entries {which}": one for which, one in statements.CHANGED_ENTRIES.items()}
_LISTS |= {f"changed days {which}": one for which, one in statements.CHANGED_DAYS.items()}

# A page is sorted by time after its ordinals were found: as many rows as the page has.
_SORTED = {"ordinal"}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the newest schema."""
    path = tmp_path_factory.mktemp("plans") / "liveblog.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.mark.parametrize("name", _LISTS)
def test_an_index_answers(file: Path, name: str) -> None:
    compiled = _LISTS[name].compile(dialect=sqlite.dialect())
    database = sqlite3.connect(file)
    values = [None] * str(compiled).count("?")
    plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {compiled}", values)]
    database.close()
    assert plan
    for step in plan:
        # OPEN_DAYS walks its own small partial index from end to end.
        assert step.startswith("SEARCH") or "ix_days_open" in step or name in _SORTED, plan
    if name.startswith("entries"):
        assert ("ix_entries_key" if "True)" in name else "ix_entries_place") in plan[0]
