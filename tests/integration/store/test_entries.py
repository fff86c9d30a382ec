"""Entries: every field, every list, paging."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from msgspec.structs import replace

from liveblog.errors import LiveblogError
from liveblog.model.entry import Entry
from liveblog.store.contract import Place, Store, Tx
from liveblog.types import BlogId, EntryId
from tests.integration.store.samples import BLOG, add, at, blog, draft, full_entry, public


async def test_an_entry_comes_back_whole(store: Store) -> None:
    await store.write(add(blog(), full_entry()))
    assert await store.read(lambda tx: tx.entry(BLOG, EntryId("e1"))) == full_entry()
    assert await store.read(lambda tx: tx.entry(BlogId("other"), EntryId("e1"))) is None
    assert await store.read(lambda tx: tx.entry(BLOG, EntryId("e2"))) is None


async def test_an_entry_with_nothing_in_it_comes_back_whole(store: Store) -> None:
    await store.write(add(blog(), draft("e1")))
    assert await store.read(lambda tx: tx.entry(BLOG, EntryId("e1"))) == draft("e1")


async def test_save_entry_replaces_every_column(store: Store) -> None:
    await store.write(add(blog(), draft("e1"), draft("e2")))
    await store.write(lambda tx: tx.save_entry(full_entry()))
    assert await store.read(lambda tx: tx.entry(BLOG, EntryId("e1"))) == full_entry()
    assert await store.read(lambda tx: tx.entry(BLOG, EntryId("e2"))) == draft("e2")
    await store.write(lambda tx: tx.save_entry(draft("e1")))
    assert await store.read(lambda tx: tx.entry(BLOG, EntryId("e1"))) == draft("e1")
    with pytest.raises(LiveblogError, match="entries"):
        await store.write(lambda tx: tx.save_entry(draft("e3")))


async def test_a_time_is_a_moment_to_the_microsecond(store: Store) -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    moments = [
        datetime(2026, 5, 1, 0, 0, 0, 1, zone),
        datetime(1969, 12, 31, 23, 59, 59, 999999, UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, UTC),
        datetime(1, 1, 1, tzinfo=UTC),
    ]
    rows = [draft(f"e{n}", created_at=moment) for n, moment in enumerate(moments)]
    await store.write(add(blog(), *rows))
    for row, found in zip(
        rows, await store.read(lambda tx: [tx.entry(BLOG, r.id) for r in rows]), strict=True
    ):
        assert found is not None
        assert found.created_at == row.created_at
        assert found.created_at.tzinfo is UTC


async def test_a_naive_time_is_refused(store: Store) -> None:
    await store.write(add(blog()))
    with pytest.raises(Exception, match="offset-naive"):
        await store.write(add(draft("e1", created_at=datetime(2026, 5, 1))))


async def test_pages_walk_all_public_entries_also_those_of_one_moment(store: Store) -> None:
    rows = [public(f"e{n:02}", n, minutes=n // 4) for n in range(1, 15)]
    rows[3] = replace(rows[3], state="retracted", body="")
    other = public("x", 1, blog_id=BlogId("b2"))
    await store.write(add(blog(), blog("b2", "b2"), draft("d1", publish_at=at(1)), other, *rows))

    def walk(tx: Tx, back: bool, place: Place | None) -> list[Entry]:
        seen: list[Entry] = []
        while page := (
            tx.entries(BLOG, before=place, limit=3)
            if back
            else tx.entries(BLOG, after=place, limit=3)
        ):
            assert len(page) <= 3
            seen += page
            assert page[-1].published_at is not None
            place = Place(page[-1].published_at, page[-1].id)
        return seen

    assert await store.read(lambda tx: walk(tx, True, None)) == rows[::-1]
    beginning = Place(datetime.min.replace(tzinfo=UTC), EntryId(""))
    assert await store.read(lambda tx: walk(tx, False, beginning)) == rows


async def test_entries_of_a_span_and_key_entries(store: Store) -> None:
    rows = [public(f"e{n}", n, key=n % 2 == 0) for n in range(1, 9)]
    rows[5] = replace(rows[5], state="retracted")  # e6 is no key entry any more
    await store.write(add(blog(), *rows, draft("d1", key=True)))
    span = (at(2), at(6))
    found = await store.read(lambda tx: tx.entries(BLOG, between=span))
    assert [e.id for e in found] == ["e5", "e4", "e3", "e2"]
    found = await store.read(lambda tx: tx.entries(BLOG, key=True))
    assert [e.id for e in found] == ["e8", "e4", "e2"]
    found = await store.read(lambda tx: tx.entries(BLOG, key=True, between=span, limit=1))
    assert [e.id for e in found] == ["e4"]
    before = Place(at(4), EntryId("e4"))
    found = await store.read(lambda tx: tx.entries(BLOG, key=True, between=span, before=before))
    assert [e.id for e in found] == ["e2"]
    after = Place(at(2), EntryId("e2"))
    found = await store.read(lambda tx: tx.entries(BLOG, key=True, between=span, after=after))
    assert [e.id for e in found] == ["e4"]
    found = await store.read(lambda tx: tx.key_entries(BLOG, at(2), at(8)))
    assert [e.id for e in found] == ["e2", "e4"]


async def test_entries_by_ordinal(store: Store) -> None:
    # An editor gave e2 an early time: the page is chosen by ordinal, shown by time.
    rows = [public("e1", 1), public("e2", 2, minutes=0), public("e3", 3), public("e4", 4)]
    await store.write(add(blog(), draft("d1"), *rows))
    found = await store.read(lambda tx: tx.entries_by_ordinal(BLOG, 1, 3))
    assert [e.id for e in found] == ["e3", "e1", "e2"]
    assert await store.read(lambda tx: tx.entries_by_ordinal(BLOG, 5, 9)) == []


async def test_an_ordinal_is_given_once(store: Store) -> None:
    await store.write(add(blog(), public("e1", 1)))
    with pytest.raises(Exception, match=r"(?i)unique"):
        await store.write(add(public("e2", 2, ordinal=1)))


@pytest.mark.parametrize("lack", [{"published_at": None}, {"changed_at": None}, {"ordinal": None}])
async def test_what_readers_may_know_of_has_its_number_and_time(
    store: Store, lack: dict[str, None]
) -> None:
    await store.write(add(blog()))
    with pytest.raises(Exception, match=r"(?i)check"):
        await store.write(add(public("e1", 1, **lack)))


async def test_due_entries_are_the_scheduled_ones_whose_time_has_come(store: Store) -> None:
    rows = [draft(f"e{n}", state="scheduled", publish_at=at(9 - n)) for n in range(9)]
    done = public("p", 1, publish_at=at(0))
    asleep = draft("d", publish_at=at(0))
    elsewhere = draft("x", state="scheduled", publish_at=at(0.5), blog_id=BlogId("b2"))
    await store.write(add(blog(), blog("b2", "b2"), *rows, done, asleep, elsewhere))
    found = await store.read(lambda tx: tx.due_entries(at(3), 10))
    assert found == [("b2", "x"), ("final", "e8"), ("final", "e7"), ("final", "e6")]
    assert len(await store.read(lambda tx: tx.due_entries(at(3), 2))) == 2
