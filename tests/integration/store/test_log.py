"""Days, revisions, the log, and answers kept for Idempotency-Keys."""

from datetime import date

from msgspec.structs import replace

from liveblog.model.change import Change
from liveblog.model.day import Day
from liveblog.model.entry import Edit
from liveblog.store.contract import Store, Tx
from liveblog.types import BlogId, EntryId, Revision, Seq
from tests.integration.store.samples import (
    BLOG,
    NOON,
    add,
    answer,
    at,
    blog,
    draft,
    each,
    full_day,
    full_entry,
    public,
    revision,
)


async def test_a_day_is_inserted_then_replaced(store: Store) -> None:
    first = Day(BLOG, date(2026, 5, 1))
    await store.write(add(blog(), first))
    assert await store.read(lambda tx: tx.day(BLOG, first.date)) == first
    await store.write(add(full_day()))
    assert await store.read(lambda tx: tx.day(BLOG, first.date)) == full_day()
    assert await store.read(lambda tx: tx.day(BLOG, date(2026, 5, 2))) is None


async def test_days_newest_first_and_the_open_ones(store: Store) -> None:
    may = [Day(BLOG, date(2026, 5, n), settled=n < 3) for n in (1, 2, 3, 10)]
    other = Day(BlogId("b2"), date(2026, 6, 1))
    await store.write(add(blog(), blog("b2", "b2", time_zone="Asia/Tokyo"), *may, other))
    assert await store.read(lambda tx: tx.days(BLOG)) == may[::-1]
    assert await store.read(lambda tx: tx.latest_day(BLOG)) == may[-1]
    assert await store.read(lambda tx: tx.latest_day(BlogId("none"))) is None
    assert sorted(await store.read(lambda tx: tx.open_days())) == [
        ("b2", "Asia/Tokyo", date(2026, 6, 1)),
        ("final", "UTC", date(2026, 5, 3)),
        ("final", "UTC", date(2026, 5, 10)),
    ]


async def test_revisions_are_kept_oldest_first_and_withheld_one_by_one(store: Store) -> None:
    edit = Edit("correction", at(1), "Name")
    rows = [revision("e1", 2, edit=edit, headline="H"), revision("e1", 10, public=False)]
    await store.write(add(blog(), full_entry(), draft("e2")))
    await store.write(each("insert_revision", rows[1], rows[0]))
    await store.write(lambda tx: tx.insert_revision(revision("e2", 2)))
    assert await store.read(lambda tx: tx.revisions(EntryId("e1"))) == rows
    assert await store.write(lambda tx: tx.withhold_revision(EntryId("e1"), Revision(2)))
    assert not await store.write(lambda tx: tx.withhold_revision(EntryId("e1"), Revision(3)))
    expected = [replace(rows[0], withheld=True), rows[1]]
    assert await store.read(lambda tx: tx.revisions(EntryId("e1"))) == expected
    assert await store.read(lambda tx: tx.revisions(EntryId("e2"))) == [revision("e2", 2)]


def _history(tx: Tx) -> None:
    """Ten changes of six subjects: entries 1, 4, 6, 8 (retracted), a day 7, the blog 10."""
    tx.insert_blog(blog(head=Seq(10), seq=Seq(10), updated_at=at(10)))
    tx.insert_blog(blog("b2", "b2", head=Seq(9), seq=Seq(9)))
    for seq in (1, 4, 6):
        tx.insert_entry(BLOG, public(f"e{seq}", seq))
    gone = public("e8", 8, state="retracted", change="entry.retracted", changed_at=at(8))
    tx.insert_entry(BLOG, gone)
    tx.insert_entry(BLOG, draft("d1"))
    tx.save_day(Day(BLOG, date(2026, 5, 1), seq=Seq(7), changed_at=at(7)))
    tx.save_day(Day(BLOG, date(2026, 5, 2)))  # never public


async def test_each_subject_once_as_it_is_now(store: Store) -> None:
    await store.write(_history)
    found = await store.read(lambda tx: tx.changes_after(BLOG, Seq(0), 100))
    assert [(c.seq, c.type, c.subject) for c in found] == [
        (1, "entry.published", "entry:e1"),
        (4, "entry.published", "entry:e4"),
        (6, "entry.published", "entry:e6"),
        (7, "day.revised", "day:2026-05-01"),
        (8, "entry.retracted", "entry:e8"),
        (10, "blog.revised", "blog"),
    ]
    assert [c.at for c in found] == [at(n) for n in (1, 4, 6, 7, 8, 10)]
    assert found == await store.read(lambda tx: tx.newest_changes(BLOG, Seq(0), 100))
    assert found[4].value == await store.read(lambda tx: tx.entry(BLOG, EntryId("e8")))
    assert found[5].value == await store.read(lambda tx: tx.blog_by_id(BLOG))


async def test_limits_cut_from_the_right_end(store: Store) -> None:
    await store.write(_history)

    def check(tx: Tx) -> None:
        for after in range(-1, 12):
            every = [s for s in (1, 4, 6, 7, 8, 10) if s > after]
            for limit in range(8):
                low = tx.changes_after(BLOG, Seq(after), limit)
                high = tx.newest_changes(BLOG, Seq(after), limit)
                assert [c.seq for c in low] == every[:limit]
                assert [c.seq for c in high] == every[len(every) - min(limit, len(every)) :]

    await store.read(check)


async def test_a_changed_subject_moves_to_its_new_place(store: Store) -> None:
    await store.write(_history)
    again = public("e4", 11, ordinal=4, change="entry.revised", revision=Revision(2))
    await store.write(lambda tx: tx.save_entry(again))
    found = await store.read(lambda tx: tx.changes_after(BLOG, Seq(6), 100))
    assert [c.subject for c in found] == ["day:2026-05-01", "entry:e8", "blog", "entry:e4"]
    assert found[-1] == Change(Seq(11), "entry.revised", at(11), again)


async def test_a_key_is_remembered_and_forgotten(store: Store) -> None:
    await store.write(
        add(blog(), draft("e1"), draft("e2", state="scheduled", publish_at=at(99)), public("e3", 1))
    )
    rows = [answer("k0", 0), answer("k1", 1, "entry:e1"), answer("k2", 2, "entry:e2")]
    rows += [answer("k3", 3, "entry:e3"), answer("k4", 4, "day:2026-05-01"), answer("k5", 5)]
    await store.write(each("insert_replay", *rows))
    assert await store.read(lambda tx: [tx.replay(r.scope, r.key) for r in rows]) == rows
    assert await store.read(lambda tx: tx.replay("token:2", "k0")) is None
    assert await store.write(lambda tx: tx.purge_replays(NOON)) == 0
    assert await store.write(lambda tx: tx.purge_replays(at(5))) == 3
    left = await store.read(lambda tx: [n for n in range(6) if tx.replay("token:1", f"k{n}")])
    assert left == [1, 2, 5]
    await store.write(lambda tx: tx.save_entry(public("e1", 2)))
    assert await store.write(lambda tx: tx.purge_replays(at(5))) == 1
