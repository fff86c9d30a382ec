"""To whose pages a session's cookie counts, and what caches are told of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.kit import SLUG
from tests.people import OURS, PASSWORD, person, sign_in, signed_in
from tests.served import Served, serving

SESSION = "/api/v1/session"
E = f"/api/v1/blogs/{SLUG}/entries"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A server with one public blog."""
    async with serving(tmp_path) as running:
        await running.blog()
        yield running


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "{ours}"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_a_write_that_no_page_of_ours_made_is_refused(
    served: Served, headers: dict[str, str]
) -> None:
    sent = {name: value.format(ours=served.url) for name, value in headers.items()}
    async with signed_in(served, "chief") as ada:
        del ada.headers["Sec-Fetch-Site"]
        form = {"content-type": "text/plain", **sent}
        body = b'{"body": "Words"}'
        writes = [
            await ada.post(E, content=body, headers=form),
            await ada.request("PATCH", f"/api/v1/blogs/{SLUG}", json={"title": "X"}, headers=sent),
            await ada.put(f"/api/v1/blogs/{SLUG}/members/x", json={"role": "chief"}, headers=sent),
            await ada.delete(SESSION, headers=sent),
        ]
        assert {answer.status_code for answer in writes} == {403}
        assert writes[0].json()["type"] == "urn:liveblog:problem:foreign-origin"
        assert (await ada.get(SESSION, headers=OURS)).status_code == 200, "still signed in"
    assert (await served.http.get(E)).json()["entries"] == []


@pytest.mark.parametrize("headers", [OURS, {"Origin": "{ours}"}], ids=str)
async def test_a_write_of_our_own_page_is_done(served: Served, headers: dict[str, str]) -> None:
    sent = {name: value.format(ours=served.url) for name, value in headers.items()}
    async with signed_in(served, "editor", SLUG) as ada:
        del ada.headers["Sec-Fetch-Site"]
        assert (await ada.post(E, json={"body": "Words"}, headers=sent)).status_code == 201


@pytest.mark.parametrize("headers", [one for one in FOREIGN if one], ids=str)
async def test_nobody_is_signed_in_by_a_page_that_is_not_ours(
    served: Served, headers: dict[str, str]
) -> None:
    sent = {name: value.format(ours=served.url) for name, value in headers.items()}
    await person(served.actions, "editor", email="eve@news.example", password=PASSWORD)
    answer = await sign_in(served, "eve@news.example", **sent)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    for way in ("accept", "show"):
        body = {"token": "x", "password": PASSWORD} if way == "accept" else {"token": "x"}
        path = f"/api/v1/invitations/{way}"
        assert (await served.http.post(path, json=body, headers=sent)).status_code == 403


READS = [
    ({"Sec-Fetch-Site": "same-origin"}, 200),
    ({"Sec-Fetch-Site": "none"}, 200),
    ({}, 200),
    ({"Sec-Fetch-Site": "same-site"}, 401),
    ({"Sec-Fetch-Site": "cross-site"}, 401),
    ({"Origin": "https://evil.example"}, 401),
]


@pytest.mark.parametrize(("headers", "status"), READS, ids=str)
async def test_a_read_for_another_page_is_one_without_a_cookie(
    served: Served, headers: dict[str, str], status: int
) -> None:
    await served.blog("secret", visibility="private")
    async with signed_in(served, "contributor", "secret") as ada:
        del ada.headers["Sec-Fetch-Site"]
        for path in ("/api/v1/blogs/secret/snapshot", "/blogs/secret", SESSION):
            answer = await ada.get(path, headers=headers)
            assert answer.status_code == status, path
            assert "access-control-allow-credentials" not in answer.headers
        public = await ada.get(f"/api/v1/blogs/{SLUG}/snapshot", headers=headers)
        assert public.status_code == 200


async def test_behind_a_proxy_the_origin_is_that_of_the_public_address(tmp_path: Path) -> None:
    async with serving(tmp_path, public_url="https://news.example/live") as served:
        await served.blog()
        async with signed_in(served, "editor", SLUG) as ada:
            del ada.headers["Sec-Fetch-Site"]
            told = {"Origin": "https://news.example"}
            assert (await ada.post(E, json={"body": "W"}, headers=told)).status_code == 201
            told = {"Origin": served.url}
            assert (await ada.post(E, json={"body": "W"}, headers=told)).status_code == 403


async def test_a_token_wins_when_both_come(served: Served) -> None:
    read = await served.token("read")
    async with signed_in(served, "chief") as ada:
        shown = {"Authorization": f"Bearer {read}"}
        assert (await ada.post(E, json={"body": "W"}, headers=shown)).status_code == 403
        wrong = {"Authorization": "Bearer lb_x_y"}
        assert (await ada.get(E, headers=wrong)).status_code == 401


async def test_no_shared_cache_keeps_what_somebody_is_answered(served: Served) -> None:
    await served.blog("secret", visibility="private")
    addresses = (E, "/api/v1/blogs", "/api/v1/blogs/secret", "/blogs/secret", f"/blogs/{SLUG}/key")
    async with signed_in(served, "editor") as ada:
        for path in addresses:
            told = (await ada.get(path)).headers
            assert told["cache-control"] == "private, no-cache", path
            assert "Cookie" in told["vary"], path
        made = await ada.post(E, json={"body": "W", "state": "draft"})
        assert made.headers["cache-control"] == "private, no-cache"
        assert (await ada.get(SESSION)).headers["cache-control"] == "no-store"
    for headers in ({}, {"Cookie": "other=1"}):
        told = (await served.http.get(E, headers=headers)).headers
        assert (told["cache-control"], told["vary"]) == ("no-cache", "Origin")
