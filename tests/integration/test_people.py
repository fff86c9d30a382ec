"""People in the API: who sees whom, who gives roles to whom, invitations."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from liveblog.actions import OPERATOR
from liveblog.cli.keeping import _check_people
from liveblog.config import Settings
from liveblog.errors import Conflict, Invalid, NotFound
from liveblog.model.people import Role
from liveblog.types import Slug
from liveblog.wire.people import PatchPerson
from tests.kit import SLUG
from tests.people import OURS, PASSWORD, Someone, person, session, signed_in
from tests.served import Served, serving

B = f"/api/v1/blogs/{SLUG}"
MEMBERS = B + "/members"
PEOPLE = "/api/v1/people"
INVITE = "/api/v1/invitations"
ACCEPT = INVITE + "/accept"
SESSION = "/api/v1/session"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A server with a public blog and a draft one."""
    async with serving(tmp_path) as running:
        await running.blog()
        await running.blog("other", visibility="draft")
        yield running


@pytest.fixture
async def chief(served: Served) -> AsyncIterator[Someone]:
    """The chief of the house."""
    async with signed_in(served, "chief", name="Chief") as client:
        yield client


@pytest.fixture
async def head(served: Served) -> AsyncIterator[Someone]:
    """The chief of the first blog."""
    async with signed_in(served, "chief", SLUG, name="Head") as client:
        yield client


async def invite(who: Someone, status: int = 201, **body: Any) -> dict[str, Any]:
    """What somebody who invites is told."""
    asked = {"email": "new@news.example", "role": "editor", "blog": SLUG} | body
    answer = await who.post(INVITE, json=asked)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def accept(served: Served, url: str, status: int = 201, **body: Any) -> Any:
    """What somebody who takes an invitation is told."""
    asked = {"token": url.partition("#")[2], "name": "New", "password": PASSWORD} | body
    answer = await served.http.post(ACCEPT, json=asked, headers=OURS)
    assert answer.status_code == status, answer.text
    return answer


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


async def test_a_chief_gives_and_takes_roles(served: Served, head: Someone) -> None:
    async with signed_in(served) as ada:
        address = f"{MEMBERS}/{ada.person.id}"
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


# Invitations -----------------------------------------------------------------------------


async def test_an_invitation_makes_a_person_once(served: Served, head: Someone) -> None:
    made = await invite(head, email=" New@news.EXAMPLE")
    assert made["url"].startswith("/studio/join#")
    left = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=71) < left <= timedelta(hours=72)
    token = made["url"].partition("#")[2]
    shown = await served.http.post(INVITE + "/show", json={"token": token}, headers=OURS)
    assert shown.json() == {
        "email": "new@news.example",
        "name": None,
        "role": "editor",
        "blog": "War",
    }
    came = await accept(served, made["url"])
    assert came.json()["person"]["email"] == "new@news.example"
    mine = (await served.http.get(SESSION)).json()
    assert (mine["person"]["role"], mine["blogs"]) == (None, {SLUG: "editor"})
    await accept(served, made["url"], 404, password="another long secret")
    body = {"email": "new@news.example", "password": PASSWORD}
    assert (await served.http.post(SESSION, json=body, headers=OURS)).status_code == 201


async def test_an_invitation_is_taken_by_one_of_two(served: Served, head: Someone) -> None:
    url = (await invite(head))["url"]
    body = {"token": url.partition("#")[2], "name": "New", "password": PASSWORD}
    tries = [served.http.post(ACCEPT, json=body, headers=OURS) for _ in range(2)]
    assert sorted(one.status_code for one in await asyncio.gather(*tries)) == [201, 404]


async def test_what_an_invitation_needs(served: Served, head: Someone) -> None:
    url = (await invite(head))["url"]
    for wrong, path in (({"name": None}, "name"), ({"password": "short"}, "password")):
        refused = await accept(served, url, 422, **wrong)
        assert refused.json()["errors"][0]["path"] == path
    assert (await accept(served, url, 422, role="chief")).status_code == 422
    await accept(served, "#" + "x" * 43, 404)
    for wrong in ({"email": "nobody"}, {"role": "king"}, {"blog": "no such"}):
        await invite(head, 422, **wrong)
    await accept(served, url)


async def test_nobody_gives_a_role_they_may_not_give(
    served: Served, head: Someone, chief: Someone
) -> None:
    await invite(head, 403, blog=None)
    await invite(head, 404, blog="other")
    await invite(head, 404, blog="nowhere")
    await invite(head, role="chief")
    house = await invite(chief, blog=None, role="chief", email="two@news.example")
    await accept(served, house["url"])
    assert (await served.http.get(SESSION)).json()["person"]["role"] == "chief"
    roles: tuple[Role, ...] = ("contributor", "editor")
    for role in roles:
        async with signed_in(served, role, SLUG) as low:
            await invite(low, 403, role="contributor", email="x@news.example")


async def test_who_is_here_has_the_role_at_once_and_keeps_the_password(
    served: Served, head: Someone
) -> None:
    """Or else whoever invites somebody who exists could choose their password for them."""
    async with signed_in(served, "editor", password=PASSWORD) as ada:
        told = await invite(head, 200, email=ada.person.email, role="chief")
        assert (told["url"], told["person"]["role"]) == (None, "chief")
        assert (await ada.get(MEMBERS)).status_code == 200
        assert (await ada.get(SESSION)).json()["blogs"] == {SLUG: "chief"}
        await served.actions.people.disable(ada.person.email)
        await invite(head, 409, email=ada.person.email)


async def test_who_came_in_another_way_is_not_touched(
    served: Served, head: Someone, chief: Someone
) -> None:
    """A chief of a blog who asks in a future chief of the house gets no chief's account."""
    house = await invite(chief, blog=None, role="chief")
    own = await invite(head)
    await accept(served, own["url"])
    await accept(served, house["url"], 409, password="another long secret")
    assert (await served.http.get(SESSION)).json()["person"]["role"] is None


async def test_a_newer_invitation_takes_the_place_of_the_older(
    served: Served, head: Someone
) -> None:
    old, new = await invite(head), await invite(head)
    await accept(served, old["url"], 404)
    await accept(served, new["url"])


async def test_the_invitations_of_whoever_is_no_chief_any_more_are_void(
    served: Served, chief: Someone, head: Someone
) -> None:
    address = f"{MEMBERS}/{head.person.id}"
    first = await invite(head)
    await chief.put(address, json={"role": "editor"})
    await accept(served, first["url"], 404)
    await chief.put(address, json={"role": "chief"})
    second = await invite(head)
    await chief.patch(f"{PEOPLE}/{head.person.id}", json={"disabled": True})
    await accept(served, second["url"], 404)
    token = await served.token("admin")
    shown = {"Authorization": f"Bearer {token}"}
    body = {"email": "new@news.example", "role": "editor", "blog": None}
    third = (await served.http.post(INVITE, json=body, headers=shown)).json()
    await served.actions.revoke_token(token.split("_")[1])
    await accept(served, third["url"], 404)


async def test_an_invitation_ends(served: Served, head: Someone) -> None:
    url = (await invite(head))["url"]
    later = datetime.now(UTC) + timedelta(hours=73)
    assert await served.actions.purge_people(later) == 2, "the session of the chief, too"
    await accept(served, url, 404)


async def test_a_new_password_ends_the_old_one_and_every_session(served: Served) -> None:
    async with signed_in(served, "editor", SLUG, password=PASSWORD) as ada:
        link = await served.actions.invitations.renew(ada.person.email)
        assert (await ada.get(SESSION)).status_code == 401, "at once"
        body = {"email": ada.person.email, "password": PASSWORD}
        assert (await served.http.post(SESSION, json=body)).status_code == 401
        again = await served.actions.invitations.renew(ada.person.email)
        await accept(served, "#" + link.token, 404)
        came = await accept(served, "#" + again.token, name=None, password="another long secret")
        assert came.json()["person"]["name"] == "Ada"
        body["password"] = "another long secret"
        assert (await served.http.post(SESSION, json=body, headers=OURS)).status_code == 201
        await served.actions.people.disable(ada.person.email)
        with pytest.raises(Conflict, match="disabled"):
            await served.actions.invitations.renew(ada.person.email)


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
