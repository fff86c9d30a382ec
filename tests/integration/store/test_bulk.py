"""One action on many entries, on both engines: each stands and falls by itself."""

from typing import Any

import pytest

from liveblog.actions import Ask
from liveblog.actions.bulk import Done
from liveblog.errors import Moved, NotAllowed, StoreBusy
from liveblog.model.entry import Entry
from liveblog.model.permissions import Principal
from liveblog.store.contract import Store
from liveblog.types import EntryId
from liveblog.wire.requests import Bulk, BulkEntry
from tests.integration.store.newsroom import EDITOR, PERSON, SLUG, WRITER, Newsroom


@pytest.fixture
async def room(store: Store) -> Newsroom:
    """A public blog without entries."""
    return await Newsroom.open(store)


async def bulk(
    room: Newsroom,
    action: Any,
    entries: list[Entry],
    who: Principal = EDITOR,
    *,
    repeat: str | None = None,
    **more: Any,
) -> list[Done]:
    """Do it with these, in the versions they are in here."""
    rows = tuple(BulkEntry(entry.id, entry.revision) for entry in entries)
    ask = Ask(who, repeat, f"{action} {rows}")
    return await room.actions.bulk.run(SLUG, Bulk(action, rows, **more), ask)


async def test_one_that_fails_does_not_stop_the_others(room: Newsroom) -> None:
    made = [await room.make(f"{n}") for n in range(4)]
    newer = await room.change(made[1], body="1, newer")
    await room.retract(made[2])
    lost = Entry(EntryId("0" * 26), made[0].blog_id, "draft", room.now)
    done = await bulk(room, "retract", [made[0], made[1], lost, made[3]], note="A mistake")
    assert [(one.id, one.status) for one in done] == [
        (made[0].id, 200),
        (made[1].id, 412),
        (lost.id, 404),
        (made[3].id, 200),
    ]
    moved = done[1].refused
    assert isinstance(moved, Moved)
    assert (moved.revision, moved.current.body) == (newer.revision, "1, newer")
    gone = done[0].entry
    assert gone is not None
    assert (gone.state, gone.body, gone.note) == ("retracted", "0", "A mistake")
    assert await room.shown() == ["†", "†", "1, newer", "†"]
    back = await bulk(room, "restore", [await room.again(one) for one in made])
    assert [one.status for one in back] == [200, 409, 200, 200]
    assert await room.shown() == ["3", "2", "1, newer", "0"]


async def test_drafts_are_thrown_away_and_nothing_else(room: Newsroom) -> None:
    draft = await room.make("draft", state="draft")
    waits = await room.make("waits", publish_at=room.soon())
    seen = await room.make("seen")
    done = await bulk(room, "delete_draft", [draft, waits, seen])
    assert [one.status for one in done] == [200, 200, 409]
    assert (await room.shown(), await room.head()) == (["seen"], 1)


async def test_many_are_published(room: Newsroom) -> None:
    drafts = [await room.make(f"{n}", state="draft") for n in range(3)]
    await room.set_status("closed")
    assert [one.status for one in await bulk(room, "publish", drafts)] == [409] * 3
    await room.set_status("live")
    assert [one.status for one in await bulk(room, "publish", drafts)] == [200] * 3
    assert await room.shown() == ["2", "1", "0"]


async def test_a_person_can_undo_what_they_published_in_bulk(room: Newsroom) -> None:
    drafts = [await room.make(f"{n}", state="draft") for n in range(2)]
    done = await bulk(room, "publish", drafts, PERSON)
    assert [one.entry and one.entry.state for one in done] == ["scheduled"] * 2
    assert await room.pass_by(5) == 2


async def test_tags_come_and_go(room: Newsroom) -> None:
    made = [await room.make("a", tags=("eu", "war")), await room.make("b", state="draft")]
    done = await bulk(room, "tag", made, tag="war")
    assert [one.entry and one.entry.tags for one in done] == [("eu", "war"), ("war",)]
    made = [await room.again(one) for one in made]
    done = await bulk(room, "untag", made, tag="eu")
    assert [one.entry and one.entry.tags for one in done] == [("war",), ("war",)]
    full = await room.make("c", tags=tuple(f"t{n}" for n in range(20)))
    (one,) = await bulk(room, "tag", [full], tag="t20")
    assert one.status == 422


async def test_it_can_be_repeated(room: Newsroom) -> None:
    made = [await room.make(f"{n}") for n in range(2)]
    first = await bulk(room, "retract", made, repeat="k", note="Once")
    head = await room.head()
    again = await bulk(room, "retract", made, repeat="k", note="Once")
    assert ([one.status for one in again], await room.head()) == ([200, 200], head)
    assert [one.entry for one in again] == [one.entry for one in first]


async def test_everybody_may_do_what_they_may_do_with_one(room: Newsroom) -> None:
    own = await room.make("own", WRITER, state="draft")
    other = await room.make("other", state="draft")
    done = await bulk(room, "publish", [own], WRITER)
    done += await bulk(room, "delete_draft", [other, own], WRITER)
    assert [one.status for one in done] == [403, 404, 200]
    with pytest.raises(NotAllowed):
        await bulk(room, "retract", [own], Principal("r", "r", "read"))


async def test_a_database_that_is_away_is_asked_once(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [await room.make(f"{n}") for n in range(3)]
    asked = []

    async def away(work: Any) -> Any:
        asked.append(work)
        raise StoreBusy()

    monkeypatch.setattr(room.store, "write", away)
    assert [one.status for one in await bulk(room, "retract", made)] == [503] * 3
    assert len(asked) == 1
