"""Roles in the API: who sees whom, and who gives which to whom."""

import asyncio
from pathlib import Path

import pytest

from liveblog.actions import OPERATOR
from liveblog.cli.keeping import _check_people
from liveblog.config import Settings
from liveblog.errors import Conflict, Invalid, NotFound
from liveblog.model.people import Role
from liveblog.types import Slug
from liveblog.wire.people import PatchPerson
from tests.kit import SLUG
from tests.people import Someone, person, session, signed_in
from tests.served import Served

B = f"/api/v1/blogs/{SLUG}"
MEMBERS = B + "/members"
PEOPLE = "/api/v1/people"
SESSION = "/api/v1/session"


# Who sees whom ---------------------------------------------------------------------------


async def test_chiefs_see_those_whose_chief_they_are(
    served: Served, chief: Someone, head: Someone
) -> None:
    ada = await person(served.actions, "editor", SLUG, name="Ada")
    await chief.put(f"/api/v1/blogs/other/members/{ada.id}", json={"role": "chief"})
    everybody = (await chief.get(PEOPLE)).json()
    found = {one["name"]: one for one in everybody["people"]}
    assert found.keys() == {"Chief", "Head", "Ada"}
    assert everybody["next"] is None
    assert found["Ada"] == {
        "id": ada.id,
        "name": "Ada",
        "email": ada.email,
        "role": None,
        "disabled": False,
        "blogs": {SLUG: "editor", "other": "chief"},
    }
    theirs = {one["name"]: one["blogs"] for one in (await head.get(PEOPLE)).json()["people"]}
    seen = {"Head": {SLUG: "chief"}, "Ada": {SLUG: "editor"}}
    assert theirs == seen, "of another blog, a draft, not even the name"
    members = (await head.get(MEMBERS)).json()["members"]
    assert {one["name"]: one["role"] for one in members} == {"Head": "chief", "Ada": "editor"}
    async with signed_in(served, "editor") as editor:
        for path in (PEOPLE, MEMBERS):
            refused = await editor.get(path)
            assert refused.status_code == 403
            assert "@" not in refused.text
    bound = {"Authorization": f"Bearer {await served.token('admin', SLUG)}"}
    people = (await served.http.get(PEOPLE, headers=bound)).json()["people"]
    assert {one["name"] for one in people} == {"Head", "Ada"}


async def test_a_long_list_goes_on(served: Served, chief: Someone) -> None:
    for n in range(3):
        await person(served.actions, "editor", SLUG, name=f"P{n}")
    for path, key in ((PEOPLE, "people"), (MEMBERS, "members")):
        first = (await chief.get(path, params={"limit": 2})).json()
        rest = (await chief.get(path, params={"limit": 2, "after": first["next"]})).json()
        names = sorted(one["name"] for one in first[key] + rest[key])
        assert names == (["Chief"] if key == "people" else []) + ["P0", "P1", "P2"]
        assert rest["next"] is None
    assert (await chief.get(PEOPLE, params={"after": "'"})).status_code == 400


async def test_people_see_the_blogs_they_belong_to(served: Served) -> None:
    await served.blog("secret", visibility="private")
    async with signed_in(served, "contributor", "other") as ada:
        listed = (await ada.get("/api/v1/blogs")).json()["blogs"]
        assert [blog["slug"] for blog in listed] == ["other", SLUG]
    async with signed_in(served, "contributor") as bo:
        listed = (await bo.get("/api/v1/blogs")).json()["blogs"]
        assert [blog["slug"] for blog in listed] == ["secret", "other", SLUG]


# Roles -----------------------------------------------------------------------------------


async def test_a_chief_of_a_blog_gives_roles_to_nobody_they_do_not_see(
    served: Served, chief: Someone, head: Someone
) -> None:
    """Or else an id, which stands at every entry, would tell name and e-mail address."""
    async with signed_in(served, "chief", "other", name="Other") as other:
        address, nobody = f"{MEMBERS}/{other.person.id}", f"{MEMBERS}/{'0' * 26}"
        asked = {"role": "editor"}
        refused, none = await head.put(address, json=asked), await head.put(nobody, json=asked)
        assert (refused.status_code, refused.text) == (404, none.text)
        token = {"Authorization": f"Bearer {await served.token('admin', SLUG)}"}
        assert (await served.http.put(address, json=asked, headers=token)).status_code == 404
        assert (await head.get(MEMBERS)).json()["members"][0]["name"] == "Head"
        assert (await chief.put(address, json=asked)).status_code == 200
        assert (await head.put(address, json={"role": "contributor"})).status_code == 200
        # Who is chief of both blogs sees the people of both.
        await chief.put(address, json={"role": "chief"})
        ben = await person(served.actions, "editor", "other", name="Ben")
        assert (await other.put(f"{MEMBERS}/{ben.id}", json=asked)).status_code == 200


async def test_a_chief_of_a_blog_sees_no_role_on_the_house(
    served: Served, chief: Someone, head: Someone
) -> None:
    await chief.put(f"{MEMBERS}/{chief.person.id}", json={"role": "contributor"})
    for who, role in ((head, None), (chief, "chief")):
        people = {one["id"]: one for one in (await who.get(PEOPLE)).json()["people"]}
        assert people[chief.person.id]["role"] == role


async def test_a_chief_gives_and_takes_roles(served: Served, chief: Someone, head: Someone) -> None:
    async with signed_in(served) as ada:
        address = f"{MEMBERS}/{ada.person.id}"
        await chief.put(address, json={"role": "editor"})
        given = await head.put(address, json={"role": "contributor"})
        assert given.json() | {"id": 0} == {
            "id": 0,
            "name": "Ada",
            "email": ada.person.email,
            "role": "contributor",
            "disabled": False,
        }
        draft = {"body": "Words", "state": "draft"}
        assert (await ada.post(B + "/entries", json=draft)).status_code == 201
        assert (await ada.post(B + "/entries", json={"body": "W"})).status_code == 403
        await head.put(address, json={"role": "editor"})
        assert (await ada.post(B + "/entries", json={"body": "W"})).status_code == 201
        assert (await head.delete(address)).status_code == 204
        assert (await ada.post(B + "/entries", json=draft)).status_code == 403
        assert (await head.delete(address)).status_code == 404
        assert (await head.put(f"{MEMBERS}/{'0' * 26}", json={"role": "chief"})).status_code == 404
        assert (await head.put(f"{MEMBERS}/x", json={"role": "chief"})).status_code == 404
        wrong = await head.put(address, json={"role": "king"})
        assert wrong.json()["errors"][0]["path"] == "role"


async def test_a_chief_of_the_house_changes_people(served: Served, chief: Someone) -> None:
    async with signed_in(served, "editor") as ada:
        address = f"{PEOPLE}/{ada.person.id}"
        changed = await chief.patch(address, json={"name": "Ada L.", "role": "contributor"})
        assert changed.status_code == 200
        assert (await ada.get(SESSION)).json()["person"]["role"] == "contributor"
        assert (await ada.patch(address, json={"name": "A. Lovelace"})).status_code == 200
        assert (await ada.patch(address, json={"role": "chief"})).status_code == 403
        assert (await ada.patch(address, json={"disabled": False})).status_code == 403
        other = f"{PEOPLE}/{chief.person.id}"
        assert (await ada.patch(other, json={"name": "Eve"})).status_code == 403
        await chief.patch(address, json={"role": None})
        assert (await ada.get(SESSION)).json()["person"]["role"] is None
        await chief.patch(address, json={"disabled": True})
        assert (await ada.get(SESSION)).status_code == 401
        await chief.patch(address, json={"disabled": False})
        assert (await ada.get(SESSION)).status_code == 401, "that session has ended for good"
        secret = await session(served.actions, ada.person)
    async with Someone(served.url, ada.person, secret) as again:
        assert (await again.get(SESSION)).json()["person"]["name"] == "A. Lovelace"


async def test_the_last_chief_stays(served: Served, chief: Someone) -> None:
    address = f"{PEOPLE}/{chief.person.id}"
    for change in ({"disabled": True}, {"role": "editor"}, {"role": None}):
        assert (await chief.patch(address, json=change)).status_code == 409
    with pytest.raises(Conflict, match="no chief"):
        await served.actions.people.disable(chief.person.email)
    async with signed_in(served, "chief") as second:
        theirs = f"{PEOPLE}/{second.person.id}"
        went = await asyncio.gather(
            chief.patch(address, json={"role": "editor"}),
            second.patch(theirs, json={"role": "editor"}),
        )
        assert sorted(one.status_code for one in went) in ([200, 403], [200, 409])


async def test_a_repetition_shows_nothing_that_the_asker_may_not_see_any_more(
    served: Served, head: Someone
) -> None:
    draft = {"body": "Words", "state": "draft"}
    async with signed_in(served, "editor", SLUG) as ada, signed_in(served, "editor", SLUG) as bo:
        made = (await ada.post(B + "/entries", json=draft)).json()
        address, change = f"{B}/entries/{made['id']}", {"headline": "H"}
        told = {"If-Match": '"r1"', "Idempotency-Key": "k"}
        assert (await bo.patch(address, json=change, headers=told)).status_code == 200
        own = await bo.post(B + "/entries", json=draft, headers={"Idempotency-Key": "o"})
        again = await bo.patch(address, json=change, headers=told)
        assert again.status_code == 200
        member = f"{MEMBERS}/{bo.person.id}"
        await head.put(member, json={"role": "contributor"})
        again = await bo.patch(address, json=change, headers=told)
        assert (again.status_code, "Words" in again.text) == (404, False)
        again = await bo.post(B + "/entries", json=draft, headers={"Idempotency-Key": "o"})
        assert (again.status_code, again.json()["id"]) == (201, own.json()["id"])
        await head.delete(member)
        await give(served, bo, "other", "editor")
        again = await bo.post(B + "/entries", json=draft, headers={"Idempotency-Key": "o"})
        assert again.status_code == 403


async def give(served: Served, who: Someone, slug: str, role: Role) -> None:
    """Give somebody a role elsewhere."""
    await served.actions.people.set_member(Slug(slug), who.person.id, role, OPERATOR)


# Making people on the machine ------------------------------------------------------------


async def test_check_says_when_nobody_can_let_others_in(served: Served, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert "no chief yet: liveblog user create" in await _check_people(settings)
    ada = await person(served.actions, "chief")
    assert await _check_people(settings) == "the house has 1 chief"
    await person(served.actions, "chief")
    assert await _check_people(settings) == "the house has 2 chiefs"
    await served.actions.people.disable(ada.email)
    assert await _check_people(settings) == "the house has 1 chief"


async def test_what_cannot_be_a_person_is_not_made(served: Served) -> None:
    ada = await person(served.actions, "editor")
    with pytest.raises(Conflict, match="already somebody"):
        await person(served.actions, "editor", email=ada.email.upper())
    with pytest.raises(Invalid, match="12 to 256"):
        await person(served.actions, "editor", password="short")
    with pytest.raises(Invalid, match="e-mail"):
        await person(served.actions, "editor", email="ada")
    with pytest.raises(NotFound, match="nowhere"):
        await person(served.actions, "editor", "nowhere", email="b@news.example")
    with pytest.raises(NotFound, match="nobody"):
        await served.actions.people.disable("b@news.example")
    with pytest.raises(NotFound, match="nobody"):
        await served.actions.people.revise("0" * 26, PatchPerson(name="X"), OPERATOR)
