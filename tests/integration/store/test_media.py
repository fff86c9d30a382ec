"""Media and their uses on both engines: what is claimed, what is shown, what is searched."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from liveblog.model.entry import Rendition
from liveblog.model.media import MediaUse, Medium, Proposed, fold
from liveblog.model.quota import UploadDay, Used
from liveblog.store import open_store
from liveblog.store.contract import Store, Tx
from liveblog.store.media_contract import Shown
from liveblog.types import BlogId, EntryId, MediumId
from tests.integration.store.conftest import Meanwhile
from tests.integration.store.samples import BLOG, NOON, add, blog, draft, public

OTHER = blog("b2", "other")


def name(number: int) -> MediumId:
    return MediumId(f"{number:026}")


def medium(number: int, **fields: Any) -> Medium:
    """A medium that waits for the worker."""
    made = Medium(
        id=name(number), blog_id=BLOG, state="processing", created_at=NOON, due_at=NOON, by="t",
        name="a.jpg", original="image/jpeg", bytes=2**40, file="9.jpg", type="image/jpeg",
        width=9, height=6,
    )  # fmt: skip
    return replace(made, **fields)


@pytest.fixture
async def box(store: Store) -> Store:
    await store.write(add(blog(), OTHER))
    return store


async def insert(store: Store, media: Sequence[Medium]) -> None:
    def work(tx: Tx) -> None:
        for one in media:
            tx.insert_medium(one)

    await store.write(work)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


async def test_a_medium_comes_back_as_it_was(box: Store) -> None:
    whole = medium(
        1, state="ready", due_at=None, proposed=Proposed("Слова", "Jo", "2025"), reason="why",
        renditions=(Rendition("/a.webp", "image/webp", 3, 2, True),), words="a", attempts=3,
        claimed_until=NOON, stored=2**41,
    )  # fmt: skip
    await insert(box, [whole])
    assert await box.read(lambda tx: tx.medium(name(1))) == whole
    changed = replace(whole, state="deleted", due_at=NOON, renditions=())
    await box.write(lambda tx: tx.save_medium(changed))
    assert await box.write(lambda tx: tx.lock_medium(name(1))) == changed
    assert await box.read(lambda tx: tx.media_of(BLOG, [name(1)])) == {}, "it is deleted"
    await box.write(lambda tx: tx.drop_medium(name(1)))
    assert await box.read(lambda tx: tx.medium(name(1))) is None


async def test_what_is_due_longest_is_claimed_first(box: Store) -> None:
    ready = medium(3, state="ready", due_at=None)
    await insert(box, [medium(1, due_at=at(2)), medium(2, due_at=at(1)), ready])
    assert await box.read(lambda tx: tx.media_waiting()) == (2, at(1))

    async def claim(now: float, until: float) -> Medium | None:
        return await box.write(lambda tx: tx.claim_medium(at(now), at(until)))

    assert await claim(0, 9) is None
    first = await claim(2, 9)
    assert first == medium(2, due_at=at(1), attempts=1, claimed_until=at(9))
    second = await claim(2, 5)
    assert second is not None
    assert second.id == name(1)
    assert await claim(4, 9) is None
    again = await claim(5, 9)
    assert again is not None
    assert (again.id, again.attempts) == (name(1), 2)


async def test_workers_never_hold_the_same_medium(box: Store, ready: str) -> None:
    await insert(box, [medium(number) for number in range(30)])
    other = await open_store(ready)

    async def work(store: Store) -> list[str]:
        mine: list[str] = []
        while got := await store.write(lambda tx: tx.claim_medium(at(1), at(9))):
            mine.append(got.id)
        return mine

    try:
        held = await asyncio.gather(*(work(store) for store in (box, other, box, other)))
    finally:
        await other.close()
    # Who comes at the same moment may be given nothing; then the next look finds the rest.
    told = [one for names in held for one in names] + await work(box)
    assert sorted(told) == [name(number) for number in range(30)]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
async def test_a_claim_waits_for_no_other_claim(box: Store, meanwhile: Meanwhile) -> None:
    await insert(box, [medium(1), medium(2, due_at=at(1))])

    def work(tx: Tx) -> tuple[Medium | None, Medium | None]:
        mine = tx.claim_medium(at(1), at(9))
        return mine, meanwhile(lambda: box.write(lambda tx: tx.claim_medium(at(1), at(9))))

    mine, others = await box.write(work)
    assert mine is not None
    assert others is not None
    assert (mine.id, others.id) == (name(1), name(2))


async def test_uploads_are_counted_by_person_and_day(box: Store) -> None:
    today, before = NOON.date(), NOON.date() - timedelta(days=1)

    async def used(by: str) -> Used:
        return await box.read(lambda tx: tx.media_used(by, today))

    assert await used("p1") == Used()
    await asyncio.gather(*(box.write(lambda tx: tx.count_upload("p1", today, 2)) for _ in range(5)))
    await box.write(lambda tx: tx.count_upload("p2", today, 2**40))
    await box.write(lambda tx: tx.count_upload("p2", before, 7))
    await insert(box, [medium(1, stored=2**40), medium(2, stored=3, state="deleted")])
    assert await used("p1") == Used(5, 10, 2**40 + 3)
    assert await used("p2") == Used(1, 2**40, 2**40 + 3)
    days = [UploadDay("p1", today, 5, 10), UploadDay("p2", today, 1, 2**40)]
    assert await box.read(lambda tx: tx.uploads_on(today)) == days
    assert await box.write(lambda tx: tx.purge_upload_days(today)) == 1
    assert await box.read(lambda tx: tx.uploads_on(today)) == days
    assert await box.read(lambda tx: tx.uploads_on(before)) == []


async def test_uses_say_what_is_shown_and_what_was(box: Store) -> None:
    await insert(box, [medium(number) for number in (1, 2)])
    shown, waiting = public("e1", 1), draft("e2")

    def use(*numbers: int, entry: EntryId = shown.id, remember: bool = False) -> Any:
        uses = [MediaUse(entry, name(number), True, "words") for number in numbers]
        return lambda tx: tx.set_uses(entry, uses, remember=remember)

    def fill(tx: Tx) -> None:
        add(shown, waiting)(tx)
        use(1, 2)(tx)
        use(1, entry=waiting.id)(tx)

    await box.write(fill)
    both = [name(1), name(2)]
    assert await box.read(lambda tx: tx.count_uses(both)) == {name(1): 2, name(2): 1}
    assert await box.read(lambda tx: tx.shown_in(name(1))) == {
        Shown("published", True), Shown("draft", False),
    }  # fmt: skip

    async def cached(entries: list[EntryId]) -> list[str]:
        return [m.id for m in await box.read(lambda tx: tx.cached_media(BLOG, entries))]

    await box.write(use(2, remember=True))
    assert await box.read(lambda tx: tx.count_uses(both)) == {name(1): 1, name(2): 1}
    assert await box.read(lambda tx: tx.shown_in(name(1))) == {Shown("draft", False)}
    assert sorted(await cached([shown.id])) == both, "a cache may have it"
    await box.write(use(2))
    assert sorted(await cached([shown.id])) == both, "what was remembered stays"
    await box.write(use(entry=waiting.id))
    assert await cached([waiting.id]) == [], "nobody ever saw it"

    async def of_blog(blog_id: BlogId, after: str = "", limit: int = 9) -> list[str]:
        found = await box.read(lambda tx: tx.cached_media_of(blog_id, after=after, limit=limit))
        return [one.id for one in found]

    assert await of_blog(BLOG) == both
    assert await of_blog(BLOG, limit=1) == both[:1]
    assert await of_blog(BLOG, after=both[0]) == both[1:]
    assert await of_blog(OTHER.id) == []


async def test_the_library_is_of_one_blog_from_the_newest(box: Store) -> None:
    await insert(
        box,
        [
            medium(1, words=fold("Café_1.JPG", "Київ  вранці")),
            medium(2, words=fold("100% b.jpg"), blog_id=OTHER.id),
            medium(3, words=fold("100% c.jpg")),
            medium(4, state="deleted"),
            medium(5, state="failed", due_at=None),
        ],
    )

    async def found(*words: str, **asked: Any) -> list[int]:
        wanted = [fold(word) for word in words]
        rows = await box.read(lambda tx: tx.media(BLOG, words=wanted, **asked))
        return [int(one.id) for one in rows]

    assert await found() == [5, 3, 1]
    assert await found(limit=2) == [5, 3]
    assert await found(before=name(3)) == [1]
    assert await found("CAFÉ") == [1]
    assert await found("київ", "afé_") == [1]
    assert await found("киі\u0308в") == [1], "decomposed"
    assert await found("київ", "c.jpg") == []
    assert await found("100%") == [3]
    assert await found("1_") == await found("\\") == []


async def test_the_library_says_nothing_of_what_others_have_not_published(box: Store) -> None:
    await insert(box, [medium(number) for number in (1, 2, 3, 4)])
    hidden, own = replace(draft("e2"), by="b"), replace(draft("e3"), by="a")
    gone = replace(public("e4", 4), state="retracted", retracted_at=NOON)
    entries = [public("e1", 1), hidden, own, gone]

    def fill(tx: Tx) -> None:
        add(*entries)(tx)
        for number, entry in enumerate(entries, 1):
            use = MediaUse(entry.id, name(number), True, "words")
            tx.set_uses(entry.id, [use], remember=False)

    await box.write(fill)

    async def found(own: str | None) -> list[int]:
        rows = await box.read(lambda tx: tx.media(BLOG, words=["words"], own=own))
        return [int(one.id) for one in rows]

    assert await found(None) == [4, 3, 2, 1]
    assert await found("a") == [3, 1]
