"""The desk on both engines: lists that are paged while others write, counts, notes."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from liveblog.actions import OPERATOR, Ask
from liveblog.errors import BadRequest, Moved, NotAllowed, NotFound
from liveblog.model.desk import STATES, Wanted
from liveblog.model.entry import Byline, Entry
from liveblog.model.permissions import Principal
from liveblog.store.contract import Store
from liveblog.types import Revision
from liveblog.wire.requests import EditNote, PatchDesk
from tests.integration.store.newsroom import ALL, EDITOR, SLUG, WRITER, Newsroom


@pytest.fixture
async def room(store: Store) -> Newsroom:
    """A public blog without entries."""
    return await Newsroom.open(store)


async def one_of_each(room: Newsroom) -> dict[str, Entry]:
    """An entry in every state."""
    made = {
        "retracted": await room.make("retracted"),
        "draft": await room.make("draft", state="draft"),
        "submitted": await room.make("submitted", WRITER, state="submitted"),
        "published": await room.make("published"),
        "scheduled": await room.make("scheduled", publish_at=room.soon()),
    }
    await room.retract(made["retracted"])
    return made


async def test_each_state_is_listed_by_the_time_that_matters(room: Newsroom) -> None:
    made = await one_of_each(room)
    assert await room.bodies() == ["scheduled", "retracted", "published", "submitted", "draft"]
    await room.change(made["draft"], body="draft, better")
    changed = await room.bodies()
    assert changed == ["scheduled", "draft, better", "retracted", "published", "submitted"]
    for state in STATES:
        assert [one.state for one in await room.listed(Wanted((state,)))] == [state]
    assert await room.bodies(Wanted(("draft", "submitted"))) == ["draft, better", "submitted"]


async def test_what_is_thrown_away_unseen_is_listed_with_what_is_retracted(
    room: Newsroom,
) -> None:
    made = await room.make("thrown away", state="draft")
    await room.retract(made)
    assert await room.bodies(Wanted(("retracted",))) == ["thrown away"]
    assert (await room.desk.desk(SLUG, EDITOR)).counts["retracted"] == 1


async def test_counts_are_of_what_the_asker_may_see(room: Newsroom) -> None:
    await one_of_each(room)
    for _ in range(3):
        await room.make("another")
    await room.retract(await room.make("gone, too"))
    counts = (await room.desk.desk(SLUG, EDITOR)).counts
    assert counts == {"draft": 1, "submitted": 1, "scheduled": 1, "published": 4, "retracted": 2}
    view = await room.desk.desk(SLUG, WRITER)
    assert view.role == "contributor"
    assert view.counts == dict.fromkeys(STATES, 0) | {"submitted": 1}
    for state in STATES:
        assert counts[state] == len(await room.listed(Wanted((state,))))


async def test_a_contributor_sees_only_their_own(room: Newsroom) -> None:
    made = await one_of_each(room)
    assert await room.bodies(who=WRITER) == ["submitted"]
    assert await room.bodies(Wanted(author="editor"), WRITER) == []
    assert await room.bodies(Wanted(author="writer")) == ["submitted"]
    assert (await room.desk.entry(SLUG, made["submitted"].id, WRITER)).body == "submitted"
    with pytest.raises(NotFound):
        await room.desk.entry(SLUG, made["draft"].id, WRITER)
    await room.change(made["submitted"], state="published")
    assert [one.state for one in await room.listed(who=WRITER)] == ["published"]
    with pytest.raises(NotAllowed):
        await room.desk.entries(SLUG, Principal("x", "x", "read"), ALL, None, 20)


async def test_filters(room: Newsroom) -> None:
    await room.make("one", tags=("ai", "eu"))
    await room.make("two", headline="Two", key=True, tags=('a"i', "e,u"))
    await room.make("three", kind="summary", tags=("mai",))
    assert await room.bodies(Wanted(tag="ai")) == ["one"]
    assert await room.bodies(Wanted(tag="eu")) == ["one"]
    assert await room.bodies(Wanted(tag='a"i')) == ["two"]
    assert await room.bodies(Wanted(tag="AI")) == []
    assert await room.bodies(Wanted(key=True)) == ["two"]
    assert await room.bodies(Wanted(key=False)) == ["three", "one"]
    assert await room.bodies(Wanted(kind="summary")) == ["three"]


async def test_paging_neither_skips_nor_repeats_while_entries_are_added(room: Newsroom) -> None:
    before = {
        (await room.make(f"{n}", state="draft" if n % 2 else "published")).id for n in range(9)
    }
    seen: list[str] = []
    page = await room.desk.entries(SLUG, EDITOR, ALL, None, 2)
    while True:
        seen += [entry.id for entry in page.entries]
        await asyncio.gather(*(room.make("new", state=s) for s in ("draft", "published")))
        if page.next is None:
            break
        page = await room.desk.entries(SLUG, EDITOR, ALL, page.next, 2)
    assert len(seen) == len(set(seen))
    assert set(seen) == before
    with pytest.raises(BadRequest):
        await room.desk.entries(SLUG, EDITOR, ALL, "nonsense", 2)


async def test_entries_of_one_moment_are_paged_by_their_ids(room: Newsroom) -> None:
    made = [await room.make(f"{n}", state="draft") for n in range(7)]
    same = [replace(one, updated_at=made[0].updated_at) for one in made]

    def save(tx: Any) -> None:
        for one in same:
            tx.save_entry(one)

    await room.store.write(save)
    ids = [entry.id for entry in await room.listed()]
    assert ids == sorted((one.id for one in made), reverse=True)


async def test_who_made_it_has_a_name(room: Newsroom) -> None:
    person = await room.actions.people.create("ada@news.example", "Ada", "editor")
    secret = await room.actions.create_token("wire robot", "write")
    token = await room.actions.tokens.principal(secret)
    assert token is not None
    await room.make("by a person", Principal(person.id, "Ada", "write", person=True))
    await room.make("by a token", token)
    await room.make("by nobody")
    by = {entry.body: entry.by for entry in await room.listed()}
    assert by["by a person"].name == "Ada"
    assert (by["by a token"].id, by["by a token"].name) == (token.id, "wire robot")
    assert (by["by nobody"].id, by["by nobody"].name) == ("editor", "")


async def test_whoever_made_an_entry_can_be_asked_for(room: Newsroom) -> None:
    made = [await room.actions.people.create(f"{n}@news.example", n) for n in ("Zoe", "ada", "Bo")]
    for person in made:
        await room.make("one", Principal(person.id, person.name, "write", person=True))
        await room.make("two", Principal(person.id, person.name, "write", person=True))
    await room.make("by nobody")
    idle = await room.actions.people.create("idle@news.example", "Idle", "contributor")
    named = (await room.desk.authors(SLUG, EDITOR)).authors
    assert [one.name for one in named] == ["ada", "Bo", "Zoe"]
    mine = Principal(idle.id, "Idle", "submit", person=True)
    assert [one.name for one in (await room.desk.authors(SLUG, mine)).authors] == ["Idle"]
    other = await room.actions.people.create("other@news.example", "Other", "editor")
    assert other.id not in {one.id for one in named}


async def test_the_note_for_whoever_takes_over(room: Newsroom) -> None:
    view = await room.desk.desk(SLUG, EDITOR)
    assert (view.revision, view.hand_over, view.duty) == (1, None, ())
    ada = await room.actions.people.create("ada@news.example", "Ada", "editor")
    who = Principal(ada.id, "Ada", "write", person=True)
    note = PatchDesk(hand_over="The minister speaks at six.")
    changed = await room.actions.desk.revise(SLUG, note, Ask(who, match=1))
    assert (changed.revision, changed.hand_over and changed.hand_over.by.name) == (2, "Ada")
    duty = PatchDesk(duty=(Byline("Eve"),))
    with pytest.raises(Moved) as late:
        await room.actions.desk.revise(SLUG, duty, Ask(EDITOR, match=1))
    assert late.value.revision == 2
    assert late.value.current.hand_over.text == "The minister speaks at six."
    head = (await room.desk.desk(SLUG, EDITOR)).blog.seq
    await room.actions.desk.revise(SLUG, note, Ask(EDITOR, match=2))
    same = await room.desk.desk(SLUG, EDITOR)
    assert (same.revision, same.hand_over, same.blog.seq) == (2, changed.hand_over, head)
    await room.actions.desk.revise(SLUG, PatchDesk(hand_over=""), Ask(EDITOR, match=2))
    assert (await room.desk.desk(SLUG, EDITOR)).hand_over is None
    with pytest.raises(NotAllowed):
        await room.actions.desk.revise(SLUG, note, Ask(WRITER, match=3))


async def test_the_operator_is_an_editor_too(room: Newsroom) -> None:
    assert (await room.desk.desk(SLUG, OPERATOR)).role == "chief"


async def test_what_an_entry_said_before_and_what_changed(room: Newsroom) -> None:
    draft = await room.make("Ten people", headline="Fire", state="draft")
    draft = await room.change(draft, body="Twelve people")
    made = await room.change(draft, state="published")
    note = EditNote("correction", "Eleven, not twelve.")
    made = await room.change(made, body="Eleven people", edit=note)
    await room.change(made, key=True)
    await room.actions.entries.withhold(SLUG, made.id, Revision(2), Ask(EDITOR))
    found = await room.desk.revisions(SLUG, made.id, EDITOR, None, 3)
    assert [one.revision for one in found.revisions] == [4, 3, 2]
    assert [one.public for one in found.revisions] == [True, True, False]
    assert [one.withheld for one in found.revisions] == [False, False, True]
    newest, published, second = found.revisions
    assert newest.edit is not None
    assert (newest.edit.kind, newest.by.id, newest.body) == (
        "correction",
        "editor",
        "Eleven people",
    )
    pieces = [(piece.kind, piece.text.strip()) for piece in newest.diff or ()]
    assert pieces == [
        ("same", "Fire"),
        ("removed", "Twelve"),
        ("added", "Eleven"),
        ("same", "people"),
    ]
    assert [piece.kind for piece in published.diff or ()] == ["same"]
    assert second.text == "Twelve people", "the desk has the words that readers may not have"
    assert found.next == 2
    rest = await room.desk.revisions(SLUG, made.id, EDITOR, Revision(2), 3)
    assert [(one.text, one.diff) for one in rest.revisions] == [("Ten people", None)]
    assert rest.next is None
    with pytest.raises(NotFound):
        await room.desk.revisions(SLUG, made.id, WRITER, None, 3)
