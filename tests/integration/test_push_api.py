"""Asking for push messages, and having enough: what is taken, what is refused, how often."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from liveblog.errors import TooMany
from liveblog.push.encryption import encode64
from liveblog.web import rate
from liveblog.web.rate import Rate, network
from tests.kit import SLUG
from tests.push import Browser
from tests.served import Served, serving

KEY = encode64(bytes(31) + b"\x07")
AT = f"/api/v1/blogs/{SLUG}/push"
BROWSER = Browser("https://fcm.googleapis.com/wp/abc")


def asked(**changes: Any) -> dict[str, Any]:
    keys = {"p256dh": BROWSER.keys.p256dh, "auth": BROWSER.keys.auth}
    return {"endpoint": BROWSER.endpoint, "keys": keys} | changes


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(
        tmp_path, push_contact="mailto:a@n.example", push_key=KEY, push_subscriptions=2
    ) as one:
        await one.blog()
        yield one


async def kept(served: Served) -> int:
    blog = await served.store.inner.read(lambda tx: tx.blog(SLUG))
    assert blog is not None
    return await served.store.inner.read(lambda tx: tx.count_subscriptions(blog.id))


async def test_asking_twice_is_asking_once(served: Served) -> None:
    first = await served.http.put(AT, json=asked())
    again = await served.http.put(AT, json=asked())
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert first.headers["Cache-Control"] == "no-store"
    assert await kept(served) == 1


async def test_having_enough_twice_is_having_enough_once(served: Served) -> None:
    name = (await served.http.put(AT, json=asked())).json()["id"]
    other = await served.http.delete(f"/api/v1/blogs/{SLUG}x/push/{name}")
    assert other.status_code == 204, "there is no such blog, or it is a draft"
    assert await kept(served) == 1
    for _ in range(2):
        assert (await served.http.delete(f"{AT}/{name}")).status_code == 204
    assert await kept(served) == 0


async def test_who_has_the_id_of_another_blog_ends_nothing(served: Served) -> None:
    await served.blog("other")
    name = (await served.http.put(AT, json=asked())).json()["id"]
    assert (await served.http.delete(f"/api/v1/blogs/other/push/{name}")).status_code == 204
    assert await kept(served) == 1


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"endpoint": "https://evil.example/hook"}, "endpoint"),
        ({"endpoint": "http://fcm.googleapis.com/wp/abc"}, "endpoint"),
        ({"endpoint": "https://127.0.0.1/"}, "endpoint"),
        ({"endpoint": 7}, "endpoint"),
        ({"keys": {"p256dh": "A" * 87, "auth": "A" * 22}}, "keys"),
        ({"keys": {"p256dh": BROWSER.keys.p256dh, "auth": "AAAA"}}, "keys"),
        ({"keys": {"p256dh": BROWSER.keys.p256dh}}, "keys"),
        ({"name": "Ada"}, ""),
    ],
)
async def test_what_could_not_be_sent_to_is_not_taken(
    served: Served, changes: dict[str, Any], path: str
) -> None:
    answer = await served.http.put(AT, json=asked(**changes))
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert path in answer.json()["errors"][0]["path"]
    assert await kept(served) == 0


async def test_a_request_has_a_bound(served: Served) -> None:
    answer = await served.http.put(AT, json=asked(endpoint="x" * 5000))
    assert answer.status_code == 413


async def test_only_of_blogs_that_everybody_may_read(served: Served) -> None:
    await served.blog("desk", visibility="private")
    for slug in ("desk", "none", "../x"):
        answer = await served.http.put(f"/api/v1/blogs/{slug}/push", json=asked())
        assert answer.status_code == 404


async def test_a_blog_takes_so_many(served: Served) -> None:
    for number, status in enumerate((200, 200, 409)):
        one = asked(endpoint=f"{BROWSER.endpoint}{number}")
        assert (await served.http.put(AT, json=one)).status_code == status


async def test_one_address_asks_so_often(served: Served) -> None:
    statuses = [(await served.http.put(AT, json=asked())).status_code for _ in range(25)]
    assert statuses[:20] == [200] * 20
    assert statuses[-1] == 429
    assert (await served.http.delete(f"{AT}/{'0' * 26}")).status_code == 429


async def test_no_page_of_another_origin_may_ask(served: Served) -> None:
    asking = {
        "Origin": "https://evil.example",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type",
    }
    answer = await served.http.options(AT, headers=asking)
    assert answer.status_code == 400
    assert "PUT" not in answer.headers.get("Access-Control-Allow-Methods", "")


async def test_the_page_has_the_key_where_push_is_on(served: Served, tmp_path: Path) -> None:
    page = await served.http.get(f"/blogs/{SLUG}")
    assert "push.js" in page.text
    assert 'data-key="B' in page.text
    folder = tmp_path / "off"
    folder.mkdir()
    async with serving(folder) as off:
        await off.blog()
        assert "push" not in (await off.http.get(f"/blogs/{SLUG}")).text
        assert (await off.http.put(AT, json=asked())).status_code == 404


# How often -------------------------------------------------------------------------------


def test_a_bucket_fills_up_again() -> None:
    now = [0.0]
    rate_ = Rate(2, lambda: now[0])
    rate_.ask("a")
    rate_.ask("a")
    for _ in range(3):
        with pytest.raises(TooMany):
            rate_.ask("a")
    rate_.ask("b")
    now[0] = 30.0
    rate_.ask("a")
    with pytest.raises(TooMany):
        rate_.ask("a")
    now[0] = 3000.0
    rate_.ask("a")
    rate_.ask("a")
    with pytest.raises(TooMany):
        rate_.ask("a")


def test_a_household_is_one_address() -> None:
    assert network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff::9")
    assert network("2001:db8:1:3::1") != network("2001:db8:1:2::1")
    assert network("203.0.113.1") != network("203.0.113.2")
    assert network("::ffff:203.0.113.1") == network("203.0.113.1") != network("::ffff:203.0.113.2")
    assert network("") == ""


def test_what_is_remembered_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "KNOWN", 3)
    one = Rate(1, lambda: 0.0)
    for name in "abcde":
        one.ask(name)
    with pytest.raises(TooMany):
        one.ask("e")
    one.ask("a")
    assert len(one._buckets) == 3
