"""People without a database: addresses, passwords, roles, origins, throttling."""

import asyncio
import threading

import pytest

from liveblog.actions.beside import Beside
from liveblog.actions.door import TEXTS_AT_ONCE, TEXTS_TOLD, TEXTS_WAITING
from liveblog.actions.entries import render
from liveblog.actions.passwords import AT_ONCE, WAITING, Passwords
from liveblog.errors import Invalid, TooMany, Unavailable
from liveblog.model.people import (
    Person,
    Role,
    Session,
    SignedIn,
    check_password,
    read_email,
    role_on,
)
from liveblog.model.permissions import Principal
from liveblog.types import BlogId
from liveblog.web.origin import is_foreign, may_join, may_read, may_write, origin_of
from liveblog.web.rate import Rate
from tests.integration.store.samples import NOON

A, B = BlogId("a"), BlogId("b")


@pytest.mark.parametrize(
    ("text", "email"),
    [
        (" Ada@News.Example\n", "ada@news.example"),
        ("I\u0307o@news.example", "i\u0307o@news.example"),
        ("re\u0301ne@news.example", "r\u00e9ne@news.example"),
    ],
)
def test_an_address_is_compared_as_it_is_meant(text: str, email: str) -> None:
    assert read_email(text) == email


@pytest.mark.parametrize(
    "text", ["", "ada", "@b", "a@", "a b@c", "a@b@c", "a@b\u200b\x00", "x" * 250 + "@b.example"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_email(text)
    assert refused.value.errors[0].path == "email"


def test_only_length_counts() -> None:
    for good in ("a" * 12, "пароль-пароль", "x" * 256):
        assert check_password(good) == good
    for bad in ("", "a" * 11, "x" * 257):
        with pytest.raises(Invalid):
            check_password(bad)


def signed_in(house: Role | None, **blogs: Role) -> Principal:
    """A person with these roles."""
    person = Person("p", "a@b", "Ada", NOON, house)
    roles = {BlogId(slug): role for slug, role in blogs.items()}
    return SignedIn(Session("d", "p", NOON, NOON, NOON), person, roles).principal


@pytest.mark.parametrize(
    ("house", "blogs", "on_a", "on_b", "on_house"),
    [
        (None, {}, None, None, None),
        (None, {"a": "chief"}, "chief", None, None),
        ("contributor", {"a": "editor"}, "editor", "contributor", "contributor"),
        ("chief", {"a": "contributor"}, "chief", "chief", "chief"),
    ],
)
def test_the_higher_role_counts(
    house: Role | None,
    blogs: dict[str, Role],
    on_a: Role | None,
    on_b: Role | None,
    on_house: Role | None,
) -> None:
    who = signed_in(house, **blogs)
    assert (role_on(who, A), role_on(who, B), role_on(who, None)) == (on_a, on_b, on_house)
    assert (who.credential, who.person) == ("d", True)


def test_whose_people_one_sees() -> None:
    assert signed_in("chief").administers is None
    assert signed_in("editor", a="chief", b="editor").administers == (A,)
    assert signed_in(None).administers == ()
    assert Principal("t", "t", "admin").administers is None
    assert Principal("t", "t", "admin", A).administers == (A,)
    assert Principal("t", "t", "write", A).administers == ()


# Origins ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("", ""),
        ("https://News.example/live", "https://news.example"),
        ("https://news.example:443", "https://news.example"),
        ("http://news.example:443", "http://news.example:443"),
        ("http://[::1]:80/", "http://[::1]"),
        ("ws://127.0.0.1:8000/x", "http://127.0.0.1:8000"),
        ("wss://news.example", "https://news.example"),
    ],
)
def test_the_origin_of_an_address(url: str, origin: str) -> None:
    assert origin_of(url) == origin


OURS = "https://news.example"
CASES = [
    # what the browser says, read, write, WebSocket, foreign
    ({}, True, False, False, False),
    ({"sec-fetch-site": "same-origin"}, True, True, False, False),
    ({"sec-fetch-site": "none"}, True, False, False, True),
    ({"sec-fetch-site": "same-site"}, False, False, False, True),
    ({"sec-fetch-site": "cross-site", "origin": OURS}, False, False, False, True),
    ({"origin": OURS}, True, True, True, False),
    ({"origin": OURS, "sec-fetch-site": "same-origin"}, True, True, True, False),
    ({"origin": "http://news.example"}, False, False, False, True),
    ({"origin": "null"}, False, False, False, True),
]


@pytest.mark.parametrize(("headers", "read", "write", "join", "foreign"), CASES)
def test_whose_page_asks(
    headers: dict[str, str], read: bool, write: bool, join: bool, foreign: bool
) -> None:
    assert may_read(headers, OURS) == read
    assert may_write(headers, OURS) == write
    assert may_join(headers, OURS) == join
    assert is_foreign(headers, OURS) == foreign


def test_without_an_origin_of_ours_nothing_is_ours() -> None:
    for headers in ({}, {"origin": ""}):
        own = origin_of("http://")  # a request without a Host
        assert not may_write(headers, own)
        assert not may_join(headers, own)


# Throttling ------------------------------------------------------------------------------


def test_who_is_told_to_wait_is_told_how_long() -> None:
    now = 0.0
    rate = Rate(2, lambda: now)
    rate.ask("ada@news.example")
    rate.ask("ada@news.example")
    with pytest.raises(TooMany) as refused:
        rate.ask("ada@news.example")
    assert refused.value.retry_after == 30
    now = 29.5
    with pytest.raises(TooMany) as refused:
        rate.ask("ada@news.example")
    assert refused.value.retry_after == 1
    now = 30.0
    rate.ask("ada@news.example")
    assert TooMany.retry_after == 5, "that of others is not changed"


async def test_only_so_many_wait_for_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Passwords, "_matches", lambda *_: True)
    passwords = Passwords()
    for _ in range(AT_ONCE):
        await passwords._beside._turn.acquire()  # as many as may are at work
    waiting = [asyncio.create_task(passwords.check("x", "y")) for _ in range(AT_ONCE + WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="Too many people"):
        await passwords.check("x", "y")
    for _ in range(AT_ONCE):
        passwords._beside._turn.release()
    assert await asyncio.gather(*waiting) == [True] * len(waiting)
    assert await passwords.check("x", "y"), "whoever comes now is served"


async def test_long_texts_leave_threads_to_others() -> None:
    """However many are being rendered: they take so many threads, and the rest are free."""
    texts = Beside(TEXTS_AT_ONCE, TEXTS_WAITING, TEXTS_TOLD)
    begun, go = threading.Semaphore(0), threading.Event()

    def work() -> str:
        begun.release()
        assert go.wait(30)
        return "done"

    count = TEXTS_AT_ONCE + TEXTS_WAITING
    running = [asyncio.create_task(texts.run(work)) for _ in range(count)]
    for _ in range(TEXTS_AT_ONCE):
        assert await asyncio.to_thread(begun.acquire, timeout=30)
    assert await Passwords().check(None, "y") is False
    assert not begun.acquire(blocking=False), "no more than these were begun"
    with pytest.raises(Unavailable, match="Too many long texts"):
        await render("x" * 6000, texts)
    go.set()
    assert await asyncio.gather(*running) == ["done"] * count
    assert (await render("x" * 6000, texts)).text == "x" * 6000
