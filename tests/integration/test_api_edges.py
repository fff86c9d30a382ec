"""Small promises of the API that were once broken."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.test_api_writing import B, Desk, E
from tests.kit import SLUG
from tests.served import eventually, serving


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with serving(tmp_path) as served:
        await served.blog()
        yield Desk(served, await served.actions.create_token("desk", "admin"))


async def test_a_time_with_an_offset_is_utc_from_the_first_answer_on(desk: Desk) -> None:
    """The offset went out to live readers, whose pages sort by the text of the time."""
    made = await desk.post(body="x", published_at="2025-07-23T14:00:00+03:00")
    assert made["published_at"] == "2025-07-23T11:00:00Z"
    path = f"{E}/{made['id']}"
    patch = {"published_at": "2025-07-23T15:00:00+03:00"}
    revised = await desk.write("PATCH", path, patch, if_match='"r1"')
    assert revised.json()["published_at"] == "2025-07-23T12:00:00Z"


async def test_a_time_at_the_end_of_the_calendar_is_refused(desk: Desk) -> None:
    for moment in ("0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"):
        answer = await desk.write("POST", E, {"body": "x", "published_at": moment})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["path"] == "published_at"


async def test_a_draft_is_not_there_for_a_token_that_may_not_see_it(desk: Desk) -> None:
    """POST said 403 for a draft and 404 for nothing: that told one from the other."""
    await desk.write("POST", "/api/v1/blogs", {"slug": "secret", "title": "S"})
    reading = await desk.served.actions.create_token("writer", "write", SLUG)
    for slug in ("secret", "nothing"):
        answer = await desk.write(
            "POST",
            f"/api/v1/blogs/{slug}/entries",
            {"body": "x"},
            authorization=f"Bearer {reading}",
        )
        assert answer.status_code == 404


async def test_no_address_is_made_from_the_host_header(desk: Desk) -> None:
    answer = await desk.served.http.get(B + "/", headers={"Host": "evil.example"})
    assert answer.status_code == 404
    assert "location" not in answer.headers


async def test_what_is_read_has_a_tag_and_answers_304_to_it(desk: Desk) -> None:
    made = await desk.post(body="x")
    path = f"{E}/{made['id']}"
    for address in (E, path, path + "/revisions", B + "/snapshot", f"/blogs/{SLUG}", "/"):
        first = await desk.served.http.get(address)
        assert first.headers["cache-control"] == "no-cache"
        tag = {"If-None-Match": first.headers["etag"]}
        assert (await desk.served.http.get(address, headers=tag)).status_code == 304
    await desk.post(body="y")
    answer = await desk.served.http.get(E, headers=tag)
    assert answer.status_code == 200


async def test_ten_writers_at_once_make_ten_dense_changes(desk: Desk) -> None:
    made = await asyncio.gather(*(desk.post(body=f"n{n}") for n in range(10)))
    assert sorted(entry["seq"] for entry in made) == list(range(1, 11))
    order = (await desk.get(E))["entries"]
    assert [entry["seq"] for entry in order] == list(range(10, 0, -1))


async def test_a_number_no_message_can_hold_is_refused(desk: Desk) -> None:
    """It was stored, and then could not be sent to anybody."""
    media = [{"url": "/x.png", "type": "image/png", "width": 2**70}]
    answer = await desk.write("POST", E, {"kind": "image", "media": media})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "media[0].width"


async def test_an_embargo_is_not_broken_by_a_state(desk: Desk) -> None:
    body = {"body": "x", "state": "published", "publish_at": "2199-01-01T00:00:00Z"}
    answer = await desk.write("POST", E, body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "publish_at"


async def test_an_empty_cursor_is_malformed_and_not_missing(desk: Desk) -> None:
    for way in ("changes", "stream"):
        assert (await desk.served.http.get(f"{B}/{way}?after=")).status_code == 400


async def test_a_head_of_the_stream_takes_no_place(desk: Desk) -> None:
    answer = await desk.served.http.head(B + "/stream")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert desk.served.hub.readers == 0


async def test_a_poll_whose_token_was_revoked_gets_nothing(desk: Desk) -> None:
    """A waiting poll outlived its token by half a minute."""
    blog = await desk.get(B)
    patch = {"visibility": "private"}
    await desk.write("PATCH", B, patch, if_match=f'"r{blog["revision"]}"')
    token = await desk.served.actions.create_token("reader", "read")
    head = {"Authorization": f"Bearer {token}"}
    cursor = (await desk.served.http.get(B, headers=head)).json()["cursor"]
    address = f"{B}/changes?after={cursor}&wait=20"
    waiting = asyncio.create_task(desk.served.http.get(address, headers=head))
    await eventually(lambda: any(o.topic.changed for o in desk.served.hub.topics))
    await desk.served.actions.revoke_token(token.split("_")[1])
    await desk.post(body="after the revocation")
    desk.served.look()
    answer = await waiting
    assert answer.status_code == 401
    assert "revocation" not in answer.text
