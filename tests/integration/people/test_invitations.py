"""Invitations: who may come in, as what, and how often."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from liveblog.errors import Conflict
from liveblog.model.people import Role
from liveblog.web.rate import Rate
from tests.kit import SLUG
from tests.people import OURS, PASSWORD, Someone, accept, invite, person, signed_in
from tests.served import Served

MEMBERS = f"/api/v1/blogs/{SLUG}/members"
PEOPLE = "/api/v1/people"
INVITE = "/api/v1/invitations"
ACCEPT = INVITE + "/accept"
SESSION = "/api/v1/session"


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
    served: Served, chief: Someone, head: Someone
) -> None:
    """Or else whoever invites somebody who exists could choose their password for them."""
    async with signed_in(served, "editor", password=PASSWORD) as ada:
        told = await invite(chief, 200, email=ada.person.email, role="chief")
        assert (told["url"], told["person"]["role"]) == (None, "chief")
        assert (await ada.get(MEMBERS)).status_code == 200
        assert (await ada.get(SESSION)).json()["blogs"] == {SLUG: "chief"}
        told = await invite(head, 200, email=ada.person.email)
        assert told["person"]["role"] == "editor", "who belongs to the blog is no stranger"
        await served.actions.people.disable(ada.person.email)
        await invite(chief, 409, email=ada.person.email)
        await invite(head, 409, email=ada.person.email)


async def test_a_chief_of_a_blog_is_not_told_who_is_here(
    served: Served, chief: Someone, head: Someone
) -> None:
    """Whether there is somebody of an address, disabled or not, is answered alike; and they have
    the role when they themselves take it."""
    gone = await person(served.actions, "editor", name="Gone")
    await served.actions.people.disable(gone.email)
    async with signed_in(served, "editor", "other", password=PASSWORD) as ada:
        links = {}
        for email in (ada.person.email, gone.email, "nobody@news.example"):
            links[email] = await invite(head, email=email)
            told = links[email] | {"url": None, "expires_at": None}
            assert told == {"url": None, "expires_at": None, "person": None}
        assert (await ada.get(SESSION)).json()["blogs"] == {"other": "editor"}
        names = {one["name"] for one in (await head.get(MEMBERS)).json()["members"]}
        assert names == {"Head"}
        url = links[ada.person.email]["url"]
        token = url.partition("#")[2]
        shown = await served.http.post(INVITE + "/show", json={"token": token}, headers=OURS)
        assert (shown.json()["name"], shown.json()["blog"]) == (None, "War")
        refused = await accept(served, url, 401, password="another long secret")
        assert refused.json()["type"].endswith("sign-in-failed")
        await accept(served, links[gone.email]["url"], 401)
        came = await accept(served, url, name="Somebody else")
        assert came.json()["person"] == (await ada.get(SESSION)).json()["person"]
        assert (await ada.get(SESSION)).json()["blogs"] == {"other": "editor", SLUG: "editor"}
        await accept(served, url, 404)
        # The role they have is not made smaller by an old link.
        small = await invite(chief, email="late@news.example", role="contributor")
        late = await person(
            served.actions, "chief", SLUG, email="late@news.example", password=PASSWORD
        )
        await accept(served, small["url"])
        roles = await served.store.inner.read(lambda tx: tx.roles([late.id]))
        assert roles == {late.id: {SLUG: "chief"}}


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time goes by for who asks too often; to be asked for before the server is."""
    monkeypatch.setattr(Rate.__init__, "__defaults__", (lambda: 1000.0,))


async def test_a_password_is_not_guessed_faster_with_a_link(
    stopped: None, served: Served, chief: Someone, head: Someone
) -> None:
    url = (await invite(head, email=chief.person.email))["url"]
    for _ in range(10):
        await accept(served, url, 401)
    await accept(served, url, 429)


async def test_who_came_in_another_way_is_not_touched(
    served: Served, head: Someone, chief: Someone
) -> None:
    """A chief of a blog who asks in a future chief of the house gets no chief's account."""
    house = await invite(chief, blog=None, role="chief")
    own = await invite(head)
    await accept(served, own["url"])
    await accept(served, house["url"], 401, password="another long secret")
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
    lowered = await invite(head)
    asked = {"email": head.person.email, "role": "contributor", "blog": SLUG}
    assert (await chief.post(INVITE, json=asked)).json()["person"]["role"] == "contributor"
    await accept(served, lowered["url"], 404)
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


async def test_a_role_on_one_blog_ends_no_invitation_to_another(
    served: Served, chief: Someone, head: Someone
) -> None:
    member = f"{MEMBERS}/{chief.person.id}"
    again = {"email": chief.person.email, "role": "editor", "blog": SLUG}
    await chief.put(member, json={"role": "chief"})
    ways: list[tuple[str, str, Any]] = [
        ("PUT", member, {"role": "contributor"}),
        ("POST", INVITE, again),
        ("DELETE", member, None),
    ]
    for number, (method, address, body) in enumerate(ways):
        here = await invite(chief)
        there = await invite(chief, email=f"{number}@news.example", blog="other")
        assert (await head.request(method, address, json=body)).is_success
        await accept(served, here["url"], 404)
        await accept(served, there["url"])


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


async def test_pending_invitations_are_listed_and_withdrawn(
    served: Served, chief: Someone, head: Someone
) -> None:
    here = await invite(head, email="a@news.example", role="chief")
    await invite(chief, email="b@news.example", blog="other")
    await invite(chief, email="c@news.example", blog=None)
    ada = await person(served.actions, "editor", SLUG)
    await served.actions.invitations.renew(ada.email)
    listed = (await chief.get(INVITE)).json()
    found = listed["invitations"]
    everything = ["a@news.example", "b@news.example", "c@news.example"]
    assert [one["email"] for one in found] == everything, "no link for a new password"
    assert [one["blog"] for one in found] == [SLUG, "other", None]
    assert listed["next"] is None
    assert found[0] | {"id": 0, "created_at": 0} == {
        "id": 0,
        "email": "a@news.example",
        "role": "chief",
        "blog": SLUG,
        "by": {"id": head.person.id, "name": "Head"},
        "created_at": 0,
        "expires_at": here["expires_at"],
    }
    assert here["url"].partition("#")[2] not in (await chief.get(INVITE)).text
    assert (await head.get(INVITE)).json()["invitations"] == found[:1]
    assert (await chief.get(INVITE, params={"blog": "other"})).json()["invitations"] == found[1:2]
    first = (await chief.get(INVITE, params={"limit": 2})).json()
    rest = (await chief.get(INVITE, params={"limit": 2, "after": first["next"]})).json()
    assert [first["invitations"], rest["invitations"], rest["next"]] == [found[:2], found[2:], None]
    for n, who in enumerate((head, chief, chief)):
        address = f"{INVITE}/{found[n]['id']}"
        assert (await who.delete(address)).status_code == 204
        assert (await who.delete(address)).status_code == 404
    assert (await chief.get(INVITE)).json()["invitations"] == []
    assert (await chief.delete(f"{INVITE}/x")).status_code == 404


async def test_a_withdrawn_link_says_what_an_expired_one_says(
    served: Served, head: Someone
) -> None:
    async def told(url: str) -> list[Any]:
        token = url.partition("#")[2]
        shown = await served.http.post(INVITE + "/show", json={"token": token}, headers=OURS)
        return [shown.status_code, shown.json(), (await accept(served, url, 404)).json()]

    withdrawn, expired = await invite(head), await invite(head, email="b@news.example")
    [one, other] = (await head.get(INVITE)).json()["invitations"]
    assert (await head.delete(f"{INVITE}/{one['id']}")).status_code == 204
    await served.actions.purge_people(datetime.fromisoformat(other["expires_at"]))
    assert await told(withdrawn["url"]) == await told(expired["url"])
    assert (await head.get(INVITE)).status_code == 401, "so long that the session ended, too"
