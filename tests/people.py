"""People for tests: made without the tenth of a second that a password costs, and signed in.

``async with signed_in(served, "editor", SLUG) as ada:`` gives an HTTP client that asks as a page
of ours does; ``await enter(context, served, secret)`` signs a browser's context in.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from itertools import count
from typing import Any

import httpx2
from playwright.async_api import BrowserContext

from liveblog.actions import Actions
from liveblog.model.people import Person, Role
from liveblog.types import Slug
from liveblog.web.auth import COOKIE
from tests.kit import SLUG

PASSWORD = "correct horse battery"
"""Of those who have one."""
OURS = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a request that a page of ours makes."""

_numbers = count(1)


class Someone(httpx2.AsyncClient):
    """The HTTP client of somebody who has signed in."""

    def __init__(self, url: str, person: Person, secret: str) -> None:
        super().__init__(
            base_url=url, cookies={COOKIE: secret}, headers=OURS, timeout=30, verify=False
        )
        self.person = person
        self.secret = secret


async def person(
    actions: Actions,
    role: Role | None = None,
    slug: str | None = None,
    *,
    name: str = "Ada",
    email: str = "",
    password: str | None = None,
) -> Person:
    """Somebody with a role on a blog, or (without one) on the house."""
    email = email or f"{name.lower()}-{next(_numbers)}@news.example"
    return await actions.people.create(email, name, role, Slug(slug) if slug else None, password)


async def session(actions: Actions, who: Person) -> str:
    """The value of the cookie of a new session."""
    opened = await actions.door.store.write(lambda tx: actions.sessions.open(tx, who))
    return opened.secret


@asynccontextmanager
async def signed_in(
    served: Any, role: Role | None = None, slug: str | None = None, **more: Any
) -> AsyncIterator[Someone]:
    """A new person, signed in at a server.

    :param served: a ``tests.served.Served``, or anything with ``url`` and ``actions``.
    """
    who = await person(served.actions, role, slug, **more)
    secret = await session(served.actions, who)
    async with Someone(served.url, who, secret) as client:
        yield client


async def enter(context: BrowserContext, url: str, secret: str) -> None:
    """Sign a browser's context in: its pages carry the cookie from now on."""
    await context.add_cookies(
        [{"name": COOKIE, "value": secret, "url": url, "httpOnly": True, "sameSite": "Lax"}]
    )


async def sign_in(served: Any, email: str, password: str = PASSWORD, **headers: str) -> Any:
    """The answer to somebody who signs in."""
    return await served.http.post(
        "/api/v1/session", json={"email": email, "password": password}, headers=headers
    )


def cookie_of(answer: httpx2.Response) -> Any:
    """The cookie that an answer gives."""
    return SimpleCookie(answer.headers["set-cookie"])[COOKIE]


async def invite(who: Someone, status: int = 201, **body: Any) -> dict[str, Any]:
    """What somebody who invites is told."""
    asked = {"email": "new@news.example", "role": "editor", "blog": SLUG} | body
    answer = await who.post("/api/v1/invitations", json=asked)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def accept(served: Any, url: str, status: int = 201, **body: Any) -> Any:
    """What somebody who takes an invitation is told."""
    asked = {"token": url.partition("#")[2], "name": "New", "password": PASSWORD} | body
    answer = await served.http.post("/api/v1/invitations/accept", json=asked, headers=OURS)
    assert answer.status_code == status, answer.text
    return answer
