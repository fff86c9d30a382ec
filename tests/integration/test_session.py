"""Signing in, what a session allows, and to whose pages; its end."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from liveblog.actions.passwords import NOBODY, Passwords
from liveblog.actions.tokens import digest_of
from liveblog.store import migrate
from liveblog.web.auth import COOKIE
from liveblog.web.rate import Rate
from tests.kit import SLUG
from tests.people import (
    OURS,
    PASSWORD,
    Someone,
    cookie_of,
    person,
    session,
    sign_in,
    signed_in,
)
from tests.served import Served, serving

SESSION = "/api/v1/session"
E = f"/api/v1/blogs/{SLUG}/entries"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A server with one public blog."""
    async with serving(tmp_path) as running:
        await running.blog()
        yield running


async def test_from_signing_in_to_signing_out(served: Served) -> None:
    ada = await person(served.actions, "editor", SLUG, email="Ada@News.example", password=PASSWORD)
    came = await sign_in(served, " ada@news.EXAMPLE ", **OURS)
    assert came.status_code == 201
    shown = {"id": ada.id, "name": "Ada", "email": "ada@news.example", "role": None}
    assert came.json() == {"person": shown}
    assert came.headers["cache-control"] == "no-store"
    cookie = cookie_of(came)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
    assert not cookie["secure"], "this server has no https address"
    assert not cookie["max-age"], "it goes with the browser"

    who = await served.http.get(SESSION)
    assert who.status_code == 200
    assert who.json() == {"person": shown, "blogs": {SLUG: "editor"}}
    assert who.headers["cache-control"] == "no-store"
    made = await served.http.post(E, json={"body": "Words"}, headers=OURS)
    assert made.status_code == 201

    gone = await served.http.delete(SESSION, headers=OURS)
    assert (gone.status_code, cookie_of(gone).value) == (204, "")
    served.http.cookies.set(COOKIE, cookie.value)  # as if the browser had kept it
    assert (await served.http.get(SESSION)).status_code == 401
    assert (await served.http.post(E, json={"body": "W"}, headers=OURS)).status_code == 401
    assert (await served.http.delete(SESSION, headers=OURS)).status_code == 204


async def test_the_cookie_of_a_house_below_a_path_with_https(tmp_path: Path) -> None:
    async with serving(tmp_path, public_url="https://news.example/live/") as served:
        await person(served.actions, "chief", email="ada@news.example", password=PASSWORD)
        cookie = cookie_of(await sign_in(served, "ada@news.example"))
        assert (cookie["secure"], cookie["path"]) == (True, "/live")


# What a sign-in gives away ---------------------------------------------------------------


async def test_nobody_learns_who_works_here(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unknown, disabled, without a password, wrong: the same answer after the same work."""
    await person(served.actions, "chief", email="chief@news.example")
    await person(served.actions, "editor", email="ada@news.example", password=PASSWORD)
    gone = await person(served.actions, "editor", email="bo@news.example", password=PASSWORD)
    await served.actions.people.disable(gone.email)
    work: list[str] = []
    matches = Passwords._matches

    def counted(self: Passwords, kept: str, password: str) -> bool:
        work.append(kept.rpartition("$")[0].rpartition("$")[0])
        return matches(self, kept, password)

    monkeypatch.setattr(Passwords, "_matches", counted)
    tries = [
        ("ada@news.example", "wrong"),
        ("bo@news.example", PASSWORD),
        ("chief@news.example", ""),
        ("nobody@news.example", PASSWORD),
        ("not an address", PASSWORD),
    ]
    answers = [await sign_in(served, *one) for one in tries]
    assert {(a.status_code, a.text) for a in answers} == {(401, answers[0].text)}
    assert answers[0].json()["type"] == "urn:liveblog:problem:sign-in-failed"
    assert not any("set-cookie" in a.headers for a in answers)
    assert work == ["$argon2id$v=19$m=65536,t=3,p=4"] * 5


def test_what_nobody_has_is_compared_with_takes_as_much_work_as_ours() -> None:
    assert not PasswordHasher().check_needs_rehash(NOBODY)


async def test_a_hash_made_with_less_work_is_made_anew(served: Served) -> None:
    ada = await person(served.actions, "editor", email="ada@news.example", password=PASSWORD)
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    store = served.store.inner
    await store.write(lambda tx: tx.save_person(_with(tx.person(ada.id), weak)))
    assert (await sign_in(served, ada.email)).status_code == 201
    kept = await store.read(lambda tx: tx.person(ada.id))
    assert kept is not None
    assert kept.password not in (weak, None)
    assert (await sign_in(served, ada.email)).status_code == 201


def _with(person: Any, password: str) -> Any:
    return type(person)(**{**_fields(person), "password": password})


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__struct_fields__}


async def test_attempts_are_throttled_for_an_address_and_for_an_email(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(Rate.__init__, "__defaults__", (lambda: now,))
    monkeypatch.setattr(Passwords, "_matches", lambda *_: False)
    async with serving(tmp_path) as served:
        first = [(await sign_in(served, "ada@news.example")).status_code for _ in range(11)]
        assert first == [401] * 10 + [429]
        refused = await sign_in(served, " ADA@news.example")
        assert refused.status_code == 429, "however it is written"
        assert refused.headers["retry-after"] == "6"
        others = [(await sign_in(served, f"n{n}@news.example")).status_code for n in range(9)]
        assert others == [401] * 8 + [429], "the address has used up its twenty"
        assert (await sign_in(served, "n9@news.example")).headers["retry-after"] == "3"
        now += 6
        assert (await sign_in(served, "ada@news.example")).status_code == 401


# Fixation --------------------------------------------------------------------------------


async def test_every_sign_in_is_a_new_session_and_ends_the_old_one(served: Served) -> None:
    ada = await person(served.actions, "editor", email="ada@news.example", password=PASSWORD)
    old = await session(served.actions, ada)
    served.http.cookies.set(COOKIE, old)
    new = cookie_of(await sign_in(served, ada.email, **OURS)).value
    assert new != old
    async with Someone(served.url, ada, old) as before:
        assert (await before.get(SESSION)).status_code == 401
    planted = "x" * 43
    async with Someone(served.url, ada, planted) as victim:
        body = {"email": ada.email, "password": PASSWORD}
        given = cookie_of(await victim.post(SESSION, json=body)).value
        assert given not in (planted, new)
    async with Someone(served.url, ada, planted) as attacker:
        assert (await attacker.get(SESSION)).status_code == 401


# The end ---------------------------------------------------------------------------------


async def test_a_session_that_is_used_goes_on_and_one_that_is_not_ends(served: Served) -> None:
    store = served.store.inner
    async with signed_in(served, "editor", SLUG) as ada:
        digest = digest_of(ada.secret)
        now = datetime.now(UTC)
        soon, long_ago = now + timedelta(minutes=1), now - timedelta(hours=11, minutes=59)
        await store.write(lambda tx: tx.touch_session(digest, long_ago, soon))
        assert (await ada.get(SESSION)).status_code == 200
        found = await store.read(lambda tx: tx.signed_in([digest], now))
        left = found[digest].session.expires_at - now
        assert timedelta(hours=11, minutes=59) < left < timedelta(hours=12, minutes=1)

        await store.write(lambda tx: tx.touch_session(digest, long_ago, now))
        assert (await ada.get(SESSION)).status_code == 401
        assert (await ada.post(E, json={"body": "W"})).status_code == 401
        assert (await ada.get(E)).status_code == 200, "what everybody may read stays readable"
        assert await served.actions.purge_people(datetime.now(UTC)) == 1


async def test_somebody_without_a_role_may_nothing(served: Served) -> None:
    await served.blog("secret", visibility="private")
    async with signed_in(served) as ada:
        assert (await ada.get(SESSION)).json()["blogs"] == {}
        refused = await ada.post(E, json={"body": "W"})
        assert (refused.status_code, refused.json()["detail"]) == (403, "You have no role yet.")
        assert (await ada.get("/api/v1/blogs/secret/entries")).status_code == 403


async def test_no_secret_is_logged(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await person(served.actions, "chief", email="ada@news.example", password=PASSWORD)
    came = await sign_in(served, "ada@news.example", **OURS)
    asked = {"email": "bo@news.example", "role": "editor", "blog": SLUG}
    made = await served.http.post("/api/v1/invitations", json=asked, headers=OURS)
    path, _, token = made.json()["url"].partition("#")
    assert path == "/studio/join"
    await served.http.get(path)
    body = {"token": token, "name": "Bo", "password": "another long secret"}
    joined = await served.http.post("/api/v1/invitations/accept", json=body, headers=OURS)
    assert joined.status_code == 201, joined.text
    secrets = (cookie_of(came).value, cookie_of(joined).value, token, PASSWORD, body["password"])
    assert caplog.records, "the log is read"
    for record in caplog.records:
        if record.name.startswith(("httpx2", "httpcore2")):
            continue  # the client of this test
        told = f"{record.getMessage()} {record.exc_text}"
        assert not any(secret in told for secret in secrets), told


# PostgreSQL ------------------------------------------------------------------------------


@pytest.fixture
def migrated(postgres_url: str) -> str:
    """An empty database with the newest schema."""
    migrate(postgres_url)
    return postgres_url


async def test_the_whole_way_on_postgresql(migrated: str, tmp_path: Path) -> None:
    """Asked in, signed in, given a role, shut out."""
    async with serving(tmp_path, database_url=migrated) as served:
        await served.blog("secret", visibility="private")
        async with signed_in(served, "chief") as chief:
            asked = {"email": "bo@news.example", "role": "contributor", "blog": "secret"}
            link = (await chief.post("/api/v1/invitations", json=asked)).json()["url"]
            body = {"token": link.partition("#")[2], "name": "Bo", "password": PASSWORD}
            came = await served.http.post("/api/v1/invitations/accept", json=body)
            assert came.status_code == 201
            await sign_in(served, "bo@news.example", **OURS)
            secret = "/api/v1/blogs/secret"
            write = {"body": "Words"}
            refused = await served.http.post(secret + "/entries", json=write, headers=OURS)
            assert refused.status_code == 403
            bo = (await chief.get(secret + "/members")).json()["members"][0]["id"]
            await chief.put(f"{secret}/members/{bo}", json={"role": "editor"})
            done = await served.http.post(secret + "/entries", json=write, headers=OURS)
            assert done.status_code == 201
            names = [one["name"] for one in (await chief.get("/api/v1/people")).json()["people"]]
            assert sorted(names) == ["Ada", "Bo"]
            await chief.patch(f"/api/v1/people/{bo}", json={"disabled": True})
            assert (await served.http.get(SESSION)).status_code == 401
            assert (await sign_in(served, "bo@news.example")).status_code == 401
