"""The streams of private blogs, by the cookie of somebody who has signed in, and their end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from liveblog.actions import OPERATOR
from liveblog.actions.tokens import digest_of
from liveblog.model.people import Person
from liveblog.web.auth import COOKIE
from tests.kit import SLUG
from tests.people import OURS, Someone, person, session, signed_in
from tests.readers import Transport, assert_complete, reading
from tests.served import Served, Way, eventually, serving

WAYS: list[Way] = ["lane", "live", "asgi"]
B = f"/api/v1/blogs/{SLUG}"

End = Callable[[Served, Person, str], Awaitable[object]]


@pytest.fixture(params=WAYS)
async def served(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Served]:
    """A server of each way, with a private blog of one entry."""
    async with serving(tmp_path, request.param) as one:
        await one.blog(visibility="private")
        await one.publish()
        yield one


def asks(url: str, secret: str) -> dict[str, str]:
    """What a browser sends from a page of ours."""
    return {"Cookie": f"other=1; {COOKIE}={secret}", "Origin": url, **OURS}


@pytest.mark.parametrize("transport", ["ws", "sse", "poll"])
async def test_who_belongs_to_a_private_blog_follows_it(
    served: Served, transport: Transport
) -> None:
    ada = await person(served.actions, "contributor", SLUG)
    async with reading(served, transport) as reader:
        reader.headers = asks(served.url, await session(served.actions, ada))
        await reader.start()
        await reader.until_live()
        await served.publish()
        await reader.until_seq(2)
        assert len(reader.entries) == 2


# The end ---------------------------------------------------------------------------------


async def sign_out(served: Served, who: Person, secret: str) -> None:
    """By themselves."""
    async with Someone(served.url, who, secret) as client:
        assert (await client.delete("/api/v1/session")).status_code == 204


async def disable(served: Served, who: Person, _: str) -> None:
    """By a chief."""
    await served.actions.people.disable(who.email)


async def reset(served: Served, who: Person, _: str) -> None:
    """By a new password."""
    await served.actions.invitations.renew(who.email)


async def drop(served: Served, who: Person, _: str) -> None:
    """By losing the role."""
    await served.actions.people.drop_member(cast(Any, SLUG), who.id, OPERATOR)


async def expire(served: Served, _: Person, secret: str) -> None:
    """By the clock."""
    digest, now = digest_of(secret), datetime.now(UTC)
    await served.store.inner.write(lambda tx: tx.touch_session(digest, now, now))


ENDS: list[End] = [sign_out, disable, reset, drop, expire]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("transport", ["ws", "sse"])
async def test_whoever_may_not_read_any_more_is_let_go_and_nobody_else(
    served: Served, transport: Transport, end: End
) -> None:
    ada = await person(served.actions, "editor", SLUG)
    bad, good = [await session(served.actions, one) for one in (ada, await second(served))]
    async with reading(served, transport) as reader, reading(served, "ws") as other:
        for one, secret in ((reader, bad), (other, good)):
            one.headers, one.stay_away = asks(served.url, secret), True
            await one.start()
            await one.until_live()
        await end(served, ada, bad)
        await reader.until(lambda: bool(reader.closed))
        assert reader.closed == [4501 if transport == "ws" else 0]
        await served.publish()
        await other.until_seq(2)
        assert len(reader.entries) == 1
        reader.stay_away = False
        await reader.until_cut()
        reader.resume()
        await reader.until(lambda: reader.closed[-1] in (401, 403))
        assert reader.closed[-1] == (403 if end is drop else 401)


async def second(served: Served) -> Person:
    """Somebody else."""
    return await person(served.actions, "editor", SLUG, name="Bo")


@pytest.mark.parametrize("end", ENDS)
async def test_a_poll_that_waits_hears_nothing_after_the_end(served: Served, end: End) -> None:
    async with signed_in(served, "editor", SLUG) as ada:
        cursor = (await ada.get(B)).json()["cursor"]
        address = f"{B}/changes?after={cursor}&wait=20"
        waiting = asyncio.create_task(ada.get(address))
        await eventually(lambda: any(o.topic.changed for o in served.hub.topics))
        await end(served, ada.person, ada.secret)
        await served.publish(body="after the end")
        answer = await waiting
        assert answer.status_code == (403 if end is drop else 401)
        assert "after the end" not in answer.text


async def test_a_sign_out_in_one_process_ends_what_is_open_in_another(tmp_path: Path) -> None:
    async with serving(tmp_path) as one, serving(tmp_path) as two:
        await one.blog(visibility="private")
        ada = await person(one.actions, "editor", SLUG)
        secret = await session(one.actions, ada)
        async with reading(two, "ws") as reader:
            reader.headers, reader.stay_away = asks(two.url, secret), True
            await reader.start()
            await reader.until_live()
            await sign_out(one, ada, secret)
            await reader.until(lambda: reader.closed == [4501])
        async with Someone(two.url, ada, secret) as again:
            assert (await again.get("/api/v1/session")).status_code == 401


async def test_other_sessions_of_a_person_go_on(served: Served) -> None:
    ada = await person(served.actions, "editor", SLUG)
    first, other = [await session(served.actions, ada) for _ in range(2)]
    async with reading(served, "ws") as reader:
        reader.headers = asks(served.url, other)
        await reader.start()
        await reader.until_live()
        await sign_out(served, ada, first)
        await served.publish()
        await assert_live(served, reader)


async def assert_live(served: Served, reader: Any) -> None:
    """It has everything, and was never closed."""
    await reader.until_seq(2)
    before = served.hub.asked_at
    served.look()
    await eventually(lambda: served.hub.asked_at > before)
    assert reader.closed == []


# Whose pages -----------------------------------------------------------------------------

ORIGINS = [
    ({"Origin": "https://evil.example"}, 401),
    ({"Origin": "null"}, 401),
    ({"Origin": "http://127.0.0.1:1"}, 401),
    ({}, 401),
    ({"Origin": "{ours}", "Sec-Fetch-Site": "same-site"}, 401),
    ({"Origin": "{ours}"}, 101),
    ({"Origin": "{ours}", "Sec-Fetch-Site": "same-origin"}, 101),
]


@pytest.mark.parametrize(("headers", "status"), ORIGINS, ids=str)
async def test_a_socket_that_no_page_of_ours_opened_has_no_cookie(
    served: Served, headers: dict[str, str], status: int
) -> None:
    secret = await session(served.actions, await person(served.actions, "chief"))
    sent = {name: value.format(ours=served.url) for name, value in headers.items()}
    sent["Cookie"] = f"{COOKIE}={secret}"
    address = f"ws://{served.address}{B}/live"
    if status == 101:
        async with connect(address, additional_headers=sent) as socket:
            assert '"hello"' in str(await socket.recv())
        return
    with pytest.raises(InvalidStatus) as refused:
        async with connect(address, additional_headers=sent):
            pass
    assert refused.value.response.status_code == status


async def test_what_everybody_may_read_is_read_with_any_cookie_from_anywhere(
    served: Served,
) -> None:
    await served.revise_blog(visibility="public")
    served.broker.deliver_all()
    for secret in ("nonsense", await session(served.actions, await second(served))):
        async with reading(served, "ws") as reader:
            cookie = {"Cookie": f"{COOKIE}={secret}"}
            reader.headers = cookie | {"Origin": "https://elsewhere.example"}
            await reader.start()
            await reader.until_live()
            await served.publish()
            await assert_complete(served, reader)
