"""What a page costs the database does not grow with its blog: it is counted, not timed."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar, cast

import pytest
from sqlalchemy import ClauseElement, Executable, text
from sqlalchemy.ext.compiler import compiles

from liveblog.model.entry import Entry
from liveblog.queries import Queries, Start
from liveblog.store.contract import Place, Store, Tx
from liveblog.store.tx import SqlTx
from liveblog.types import BlogId, EntryId, Seq, Slug
from liveblog.wire.links import Links
from tests.integration.store.samples import NOON, add, blog, public

T = TypeVar("T")
FEW, MANY = 800, 5000
"""Both have more of everything than a page shows."""


class _Explained(Executable, ClauseElement):
    """A statement, run for what it had to look at."""

    inherit_cache = False

    def __init__(self, statement: Any) -> None:
        self.statement = statement


@compiles(_Explained)
def _explain(element: _Explained, compiler: Any, **rest: Any) -> str:
    return "EXPLAIN (ANALYZE, FORMAT JSON) " + cast(
        "str", compiler.process(element.statement, **rest)
    )


class _Counting:
    """A store that counts what its reads look at: instructions of SQLite, rows of PostgreSQL."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.cost = 0

    async def read(self, work: Callable[[Tx], T]) -> T:
        def counted(tx: Tx) -> T:
            assert isinstance(tx, SqlTx)
            if tx._connection.dialect.name == "sqlite":
                return self._instructions(tx, work)
            return self._rows(tx, work)

        return await self._store.read(counted)

    def _instructions(self, tx: SqlTx, work: Callable[[Tx], T]) -> T:
        raw: Any = tx._connection.connection.driver_connection

        def step() -> int:
            self.cost += 1
            return 0

        raw.set_progress_handler(step, 1)
        try:
            return work(tx)
        finally:
            raw.set_progress_handler(None, 0)

    def _rows(self, tx: SqlTx, work: Callable[[Tx], T]) -> T:
        ran: list[tuple[Any, Any]] = []
        run = tx._run

        def noted(statement: Any, values: Any = None) -> Any:
            ran.append((statement, values))
            return run(statement, values)

        tx._run = noted  # type: ignore[method-assign]
        found = work(tx)
        for statement, values in ran:
            ((plan,),) = tx._connection.execute(_Explained(statement), values)
            self.cost += _looked_at(plan[0]["Plan"])
        return found


def _looked_at(node: dict[str, Any]) -> int:
    """Rows that the nodes of a plan gave or threw away."""
    own: float = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return round(own) + sum(_looked_at(below) for below in node.get("Plans", ()))


def _entries(name: str, count: int) -> list[Entry]:
    """An entry a minute, every third a key development, one dated back."""
    rows = [
        public(f"{name}{n:025}", n, key=n % 3 == 0, headline="H", blog_id=BlogId(name))
        for n in range(1, count)
    ]
    back = public(f"{name}{count:025}", count, minutes=5, blog_id=BlogId(name))
    return [*rows, back]


_PAGES: dict[str, Callable[[Queries, Slug], Awaitable[object]]] = {
    "live": lambda queries, slug: queries.live_page(slug, None),
    "older": lambda queries, slug: queries.older_page(slug, 2, None),
    "key": lambda queries, slug: queries.key_page(slug, None),
    "key, oldest first": lambda queries, slug: queries.key_page(slug, None, Start(True)),
    "day": lambda queries, slug: queries.day_page(slug, NOON.date(), None),
    "day, oldest first": lambda queries, slug: queries.day_page(
        slug, NOON.date(), None, Start(True, Place(NOON + timedelta(hours=2), EntryId("")))
    ),
    "entry": lambda queries, slug: queries.entry_page(slug, EntryId(f"{slug}{7:025}"), None),
}


@pytest.fixture
async def filled(store: Store) -> Store:
    """A store with a small blog and a large one."""
    for name, count in (("a", FEW), ("b", MANY)):
        made = blog(name, name, visibility="public", count=count, head=Seq(count))
        await store.write(add(made, *_entries(name, count)))
    # PostgreSQL does this by itself after a while.
    await store.write(lambda tx: cast("SqlTx", tx)._connection.execute(text("ANALYZE")) and None)
    return store


async def test_a_page_costs_what_it_shows(filled: Store) -> None:
    grown: dict[str, tuple[int, int]] = {}
    for name, page in _PAGES.items():
        costs = []
        for slug in ("a", "b"):
            counting = _Counting(filled)
            await page(Queries(cast("Store", counting), Links()), Slug(slug))
            costs.append(counting.cost)
        few, many = costs
        assert few > 0, name
        if many > few * 1.1:
            grown[name] = (few, many)
    assert grown == {}
