"""People, roles, sessions, invitations: on both engines."""

import asyncio
from datetime import timedelta

import pytest
from msgspec.structs import replace

from liveblog.actions import OPERATOR
from liveblog.actions.invitations import InvitationActions
from liveblog.actions.passwords import Passwords
from liveblog.actions.people import PeopleActions
from liveblog.actions.sessions import SessionActions
from liveblog.errors import Conflict, Refusal
from liveblog.model.people import Invitation, Membership, Person, Session
from liveblog.model.permissions import Principal
from liveblog.store.contract import Store
from liveblog.store.people_contract import Member
from liveblog.types import BlogId
from liveblog.wire.people import Accept, PatchPerson
from tests.integration.store.samples import BLOG, NOON, SLUG, add, at, blog, each

OTHER = BlogId("b2")
ADA = Person("p1", "ada@news.example", "Ada", NOON, "chief", "$hash")
BO = Person("p2", "bo@news.example", "Bo", at(1))
CY = Person("p3", "cy@news.example", "Cy", at(2), "chief", None, at(3))


async def fill(store: Store) -> None:
    """Two blogs and three people."""
    await store.write(add(blog(), blog("b2", "b2")))
    await store.write(each("insert_person", BO, CY, ADA))


def signed(digest: str, who: Person, minutes: float = 60) -> Session:
    """A session that holds so long."""
    return Session(digest, who.id, NOON, NOON, at(minutes))


async def test_people(store: Store) -> None:
    await fill(store)
    assert await store.read(lambda tx: tx.people()) == [ADA, BO, CY]
    assert await store.read(lambda tx: tx.people(after="p1", limit=1)) == [BO]
    assert await store.read(lambda tx: tx.person("p3")) == CY
    assert await store.write(lambda tx: tx.lock_person("p3")) == CY
    assert await store.read(lambda tx: tx.person("p9")) is None
    assert await store.read(lambda tx: tx.person_by_email(BO.email)) == BO
    assert await store.read(lambda tx: tx.person_by_email("x")) is None
    assert await store.read(lambda tx: tx.people_by_id(["p9", "p2"])) == {"p2": BO}
    assert await store.read(lambda tx: tx.people_by_id([])) == {}
    with pytest.raises(Conflict, match="already somebody"):
        await store.write(lambda tx: tx.insert_person(replace(ADA, id="p4")))
    changed = replace(ADA, name="A", role=None, password=None, disabled_at=at(4))
    await store.write(lambda tx: tx.save_person(changed))
    assert await store.read(lambda tx: tx.person("p1")) == changed


async def test_two_of_one_address_at_the_same_moment(store: Store) -> None:
    people = [replace(ADA, id=f"q{n}") for n in range(4)]
    works = [store.write(each("insert_person", one)) for one in people]
    done = await asyncio.gather(*works, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Conflict"] * 3 + ["NoneType"]


async def test_roles(store: Store) -> None:
    await fill(store)
    rows = [
        Membership(BLOG, "p2", "editor"),
        Membership(OTHER, "p2", "contributor"),
        Membership(BLOG, "p1", "chief"),
    ]
    await store.write(each("save_membership", *rows))
    await store.write(each("save_membership", Membership(BLOG, "p2", "chief")))
    everything = {"p1": {SLUG: "chief"}, "p2": {"b2": "contributor", SLUG: "chief"}}
    assert await store.read(lambda tx: tx.roles(["p1", "p2", "p3"])) == everything
    assert await store.read(lambda tx: tx.roles(["p2"], [OTHER])) == {"p2": {"b2": "contributor"}}
    assert await store.read(lambda tx: tx.roles(["p2"], [])) == {}
    assert await store.read(lambda tx: tx.members(BLOG)) == [
        Member(ADA, "chief"),
        Member(BO, "chief"),
    ]
    assert await store.read(lambda tx: tx.members(BLOG, after="p1", limit=5)) == [
        Member(BO, "chief")
    ]
    assert await store.read(lambda tx: tx.people(blogs=[OTHER, BLOG])) == [ADA, BO]
    assert await store.read(lambda tx: tx.people(blogs=[OTHER])) == [BO]
    assert await store.read(lambda tx: tx.people(blogs=[])) == []
    assert await store.write(lambda tx: tx.drop_membership(BLOG, "p2"))
    assert not await store.write(lambda tx: tx.drop_membership(BLOG, "p2"))


async def test_who_is_signed_in(store: Store) -> None:
    await fill(store)
    await store.write(each("save_membership", Membership(BLOG, "p2", "editor")))
    rows = [signed("d1", ADA), signed("d2", BO), signed("d3", CY), signed("d4", BO, 1)]
    await store.write(each("insert_session", *rows))
    found = await store.read(lambda tx: tx.signed_in(["d1", "d2", "d3", "d4", "d9"], at(1)))
    assert found.keys() == {"d1", "d2"}, "one is disabled, one has expired, one is nobody's"
    assert (found["d1"].person, found["d1"].session) == (ADA, rows[0])
    assert found["d2"].principal == Principal(
        "p2", "Bo", None, person=True, blogs={BLOG: "write"}, session="d2"
    )
    asked = [found["d1"].principal, found["d2"].principal]
    standing = await store.read(lambda tx: tx.standing(asked, at(1)))
    assert standing == {"d1": asked[0], "d2": asked[1]}
    await store.write(lambda tx: tx.touch_session("d4", at(1), at(9)))
    later = await store.read(lambda tx: tx.signed_in(["d4"], at(2)))
    assert (later["d4"].session.seen_at, later["d4"].session.expires_at) == (at(1), at(9))
    await store.write(lambda tx: tx.drop_session("d1"))
    await store.write(lambda tx: tx.drop_sessions("p2"))
    assert await store.read(lambda tx: tx.standing(asked, at(2))) == {}
    assert await store.write(lambda tx: tx.purge_people(at(60))) == 1
    assert await store.write(lambda tx: tx.purge_people(at(60))) == 0


async def test_invitations(store: Store) -> None:
    await fill(store)
    until = NOON + timedelta(hours=72)

    def link(n: int, **more: object) -> Invitation:
        fields = {"email": "new@news.example", "by": "p1", "created_at": NOON} | more
        return Invitation(f"i{n}", f"d{n}", expires_at=until, **fields)  # type: ignore[arg-type]

    rows = [link(1, role="chief"), link(2, role="editor", blog_id=BLOG), link(3, by="p2")]
    reset = link(4, email=BO.email, by="operator", person_id="p2")
    await store.write(each("insert_invitation", *rows, reset))
    assert await store.read(lambda tx: tx.invitations("new@news.example", NOON)) == rows
    assert await store.read(lambda tx: tx.invitations("new@news.example", until)) == []
    assert await store.read(lambda tx: tx.invitation("d4", NOON)) == reset
    assert await store.read(lambda tx: tx.invitation("d4", until)) is None
    assert await store.read(lambda tx: tx.invitation("d9", NOON)) is None
    pending = await store.read(lambda tx: tx.pending_invitations(NOON))
    assert pending == rows, "not the link for a new password"
    second = await store.read(lambda tx: tx.pending_invitations(NOON, after="i1", limit=1))
    assert second == rows[1:2]
    assert await store.read(lambda tx: tx.pending_invitations(NOON, blogs=[BLOG])) == rows[1:2]
    assert await store.read(lambda tx: tx.pending_invitations(NOON, blogs=[])) == []
    assert await store.read(lambda tx: tx.pending_invitations(until)) == []
    assert await store.read(lambda tx: tx.pending_invitation("i2", NOON)) == rows[1]
    assert await store.read(lambda tx: tx.pending_invitation("i2", until)) is None
    assert await store.read(lambda tx: tx.pending_invitation("i4", NOON)) is None
    took = await asyncio.gather(*(store.write(lambda tx: tx.drop_invitation("i2")) for _ in "ab"))
    assert sorted(took) == [False, True]
    await store.write(each("insert_invitation", rows[1]))
    await store.write(lambda tx: tx.drop_invitations_by("p1", BLOG))
    kept = await store.read(lambda tx: tx.invitations("new@news.example", NOON))
    assert kept == [rows[0], rows[2]]
    await store.write(lambda tx: tx.drop_invitations_by("p1"))
    await store.write(lambda tx: tx.drop_invitations_of("p2"))
    assert await store.read(lambda tx: tx.invitations("new@news.example", NOON)) == [rows[2]]
    assert await store.read(lambda tx: tx.invitation("d4", NOON)) is None
    assert await store.write(lambda tx: tx.purge_people(until)) == 1


async def test_the_house_keeps_a_chief_when_all_go_at_once(store: Store) -> None:
    await fill(store)
    chiefs = [replace(ADA, id=f"c{n}", email=f"c{n}@news.example") for n in range(4)]
    await store.write(each("insert_person", *chiefs))
    actions = PeopleActions(store, lambda: at(5), Passwords())
    everybody = await store.read(lambda tx: tx.chiefs())
    assert [one.id for one in everybody] == ["c0", "c1", "c2", "c3", "p1"]
    go = [actions.revise(one.id, PatchPerson(role="editor"), OPERATOR) for one in everybody]
    done = await asyncio.gather(*go, return_exceptions=True)
    assert [type(one) for one in done if isinstance(one, Refusal)] == [Conflict]
    assert len(await store.read(lambda tx: tx.chiefs())) == 1


async def test_two_changes_of_one_person_undo_nothing(store: Store) -> None:
    await fill(store)
    actions = PeopleActions(store, lambda: at(5), Passwords())
    changes = [PatchPerson(name="New"), PatchPerson(disabled=True), PatchPerson(role="editor")]
    await asyncio.gather(*(actions.revise("p2", one, OPERATOR) for one in changes))
    found = await store.read(lambda tx: tx.person("p2"))
    assert found == replace(BO, name="New", disabled_at=at(5), role="editor")


class Plain(Passwords):
    """Without a thread, and without the work."""

    async def hash(self, password: str) -> str:
        """No hash at all."""
        return password


async def test_a_link_counts_once_when_two_use_it_at_once(store: Store) -> None:
    await fill(store)
    passwords = Plain()
    sessions = SessionActions(store, lambda: at(5), passwords, timedelta(hours=1))
    actions = InvitationActions(store, lambda: at(5), passwords, sessions)
    link = await actions.renew(BO.email)
    words = ["the first of the two", "the second of the two"]
    tries = [actions.accept(Accept(link.token, one)) for one in words]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["NotFound", "Opened"]
