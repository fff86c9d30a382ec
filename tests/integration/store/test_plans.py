"""No question of the contract reads a whole table: an index gives what it asks, in order."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select
from sqlalchemy.dialects import sqlite

from liveblog.model.desk import STATES, Wanted
from liveblog.store import desk, media, migrate, statements
from liveblog.store.desk import listing

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
_DESKS = {
    f"desk {state} {wanted.own} {below}": listing(state, wanted, below=below)
    for state in STATES
    for wanted in (Wanted(), Wanted(own="somebody"))
    for below in (False, True)
}
_LISTS |= _DESKS | {
    "count coming": desk.COUNT_COMING,
    "count retracted": desk.COUNT_RETRACTED,
    "count own": desk.COUNT_OWN,
    "author after": desk.AUTHOR_AFTER,
    "latest revisions": desk.LATEST_REVISIONS,
    "next due": statements.NEXT_DUE,
}

_FILTERED = {
    "of a kind": listing("published", Wanted(kind="quote"), below=True),
    "key ones": listing("published", Wanted(key=True), below=True),
}
_LISTS |= _FILTERED

# A page is sorted by time after its ordinals were found: as many rows as the page has.
_SORTED = {"ordinal"}
# What is scheduled is so little that its order needs no index.
_SORTED |= {name for name in _DESKS if "scheduled" in name}

_MEDIA: dict[str, Any] = {
    "medium": media.LOCK_MEDIUM,
    "due": media.DUE_MEDIUM,
    "waiting": media.WAITING,
    "library": media.library(below=False, words=0),
    "library below": media.library(below=True, words=0),
    "search": media.library(below=True, words=2),
    "search of a contributor": media.library(below=True, words=2, some=True),
    "of a blog": media.MEDIA_OF,
    "who shows it": media.SHOWN_IN,
    "how many show it": media.COUNT_USES,
    "what it shows": media.USES_OF_ENTRY,
    "what it showed": media.CACHED_MEDIA,
    "what all showed": media.CACHED_MEDIA_OF,
}


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
    if name in _FILTERED:
        assert ("ix_entries_key" if name == "key ones" else "ix_entries_kind") in plan[0]
    if name.startswith("entries"):
        assert ("ix_entries_key" if "True)" in name else "ix_entries_place") in plan[0]


@pytest.mark.parametrize("name", _MEDIA)
def test_no_question_about_media_reads_a_whole_table(file: Path, name: str) -> None:
    words = str(_MEDIA[name].compile(dialect=sqlite.dialect()))
    asked = words.replace("(__[POSTCOMPILE_ids])", "(?, ?)")
    database = sqlite3.connect(file)
    plan = [
        row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {asked}", [None] * asked.count("?"))
    ]
    database.close()
    assert any(step.startswith("SEARCH media") for step in plan)
    assert not [step for step in plan if step.startswith("SCAN")]
    if name.startswith(("library", "search")):
        assert not [step for step in plan if "ORDER BY" in step], "it comes in order"
