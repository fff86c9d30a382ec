"""Signing in, what a session allows, and to whose pages; its end."""

from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx2
import pytest

from liveblog.web.auth import COOKIE
from tests.kit import SLUG
from tests.people import OURS, PASSWORD, person
from tests.served import Served, serving

SESSION = "/api/v1/session"
E = f"/api/v1/blogs/{SLUG}/entries"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A server with one public blog."""
    async with serving(tmp_path) as running:
        await running.blog()
        yield running


async def sign_in(served: Served, email: str, password: str = PASSWORD, **headers: str) -> Any:
    """The answer to somebody who signs in."""
    return await served.http.post(
        SESSION, json={"email": email, "password": password}, headers=headers
    )


def cookie_of(answer: httpx2.Response) -> Any:
    """The cookie that an answer gives."""
    return SimpleCookie(answer.headers["set-cookie"])[COOKIE]


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
