"""Uploading: what is taken, how much of it, and from whom."""

import asyncio
import errno
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.requests import Request

from liveblog.web.api import media as api
from tests.pictures import encoded, gradient, jpeg
from tests.uploads import LIBRARY, Newsroom, problem


async def test_the_bounds_are_exact(room: Newsroom) -> None:
    whole = encoded(gradient(2000, 2000), "PNG")
    assert (await room.upload(whole)).status_code == 201
    assert problem(await room.upload(encoded(gradient(2000, 2001), "PNG"))) == "invalid"
    picture = jpeg(300, 200)
    padded = picture + b"\0" * (300_000 - len(picture))
    assert (await room.upload(padded)).status_code == 201
    larger = await room.upload(padded + b"\0")
    assert (larger.status_code, problem(larger)) == (413, "too-large")
    assert "at most 300,000 bytes" in larger.json()["detail"]

    async def dripping() -> AsyncIterator[bytes]:
        for start in range(0, 300_001, 50_000):
            yield (padded + b"\0")[start : start + 50_000]

    headers = room.headers | {"Content-Type": "image/jpeg"}
    told_nothing = await room.http.post(LIBRARY, content=dripping(), headers=headers)
    assert told_nothing.status_code == 413


@pytest.mark.parametrize("kind", ["text/html", "", "application/json", "image/svg+xml", "imagex/y"])
async def test_what_is_not_said_to_be_a_picture_is_not_taken(room: Newsroom, kind: str) -> None:
    answer = await room.upload(jpeg(9, 9), kind=kind)
    assert (answer.status_code, problem(answer)) == (415, "unsupported-type")


async def test_what_it_is_is_decided_by_its_content(room: Newsroom) -> None:
    lied = await room.upload(jpeg(9, 9), kind="image/png; charset=utf-8")
    assert (lied.status_code, lied.json()["type"]) == (201, "image/jpeg")
    for content in (b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"\xff\xd8\xff"):
        answer = await room.upload(content, kind="image/jpeg")
        assert (answer.status_code, problem(answer)) == (422, "invalid")
        assert "JPEG, PNG, GIF, WebP and AVIF are taken" in answer.json()["detail"]
    assert (await room.upload(b"")).status_code == 422


async def test_a_key_makes_one_medium(room: Newsroom) -> None:
    key = {"Idempotency-Key": "k-1"}
    first, second = await asyncio.gather(
        room.upload(jpeg(300, 200), **key), room.upload(jpeg(300, 200), **key)
    )
    again = await room.upload(jpeg(300, 200), **key)
    assert {a.status_code for a in (first, second, again)} == {201}
    assert first.json() == second.json() == again.json()
    other = await room.upload(jpeg(300, 201), **key)
    assert (other.status_code, problem(other)) == (422, "idempotency-key-reused")
    assert len((await room.http.get(LIBRARY, headers=room.headers)).json()["media"]) == 1


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when an upload has taken one of the places; here there is one."""
    found, read = asyncio.Event(), api.MediaApi._read

    async def told(self: api.MediaApi, request: Request) -> bytes:
        found.set()
        return await read(self, request)

    monkeypatch.setattr(api, "AT_ONCE", 1)
    monkeypatch.setattr(api.MediaApi, "_read", told)
    return found


async def test_so_many_upload_at_once(room: Newsroom, inside: asyncio.Event) -> None:
    go = asyncio.Event()
    picture = jpeg(300, 200)

    async def slowly() -> AsyncIterator[bytes]:
        yield picture[:100]
        await go.wait()
        yield picture[100:]

    headers = room.headers | {"Content-Type": "image/jpeg"}
    first = asyncio.create_task(room.http.post(LIBRARY, content=slowly(), headers=headers))
    await inside.wait()
    second = await room.upload(picture)
    assert (second.status_code, problem(second)) == (503, "unavailable")
    go.set()
    assert (await first).status_code == 201
    assert (await room.upload(picture)).status_code == 201


async def begun(room: Newsroom) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """An upload of which three bytes have been sent."""
    host, _, port = room.served.address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST {LIBRARY} HTTP/1.1\r\nHost: {room.served.address}\r\nContent-Length: 999\r\n"
    told = "".join(f"{k}: {v}\r\n" for k, v in room.headers.items())
    writer.write(f"{head}{told}Content-Type: image/jpeg\r\n\r\nabc".encode())
    return reader, writer


@pytest.mark.parametrize("bound", ["SILENCE", "WHOLE"])
async def test_who_says_nothing_is_not_waited_for(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(api, bound, 0.05)
    reader, writer = await begun(room)
    async with asyncio.timeout(10):
        assert b" 400 " in await reader.readline()
    writer.close()
    await writer.wait_closed()


async def test_who_goes_away_leaves_room_for_others(
    room: Newsroom, inside: asyncio.Event, caplog: pytest.LogCaptureFixture
) -> None:
    _, writer = await begun(room)
    await inside.wait()
    assert (await room.upload(jpeg(30, 20))).status_code == 503
    writer.close()
    await writer.wait_closed()
    while (await room.upload(jpeg(30, 20))).status_code != 201:
        pass
    assert "a request failed" not in caplog.text


async def test_a_machine_without_a_process_to_spare(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = (await room.upload(jpeg(300, 200))).json()["id"]

    async def none(*_: Any, **__: Any) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(asyncio, "create_subprocess_exec", none)
        answer = await room.upload(jpeg(300, 200))
        assert (answer.status_code, problem(answer)) == (503, "unavailable")
        assert await room.work() == 1
        assert (await room.medium(waiting))["state"] == "processing"
    assert await room.work(datetime.now(UTC) + timedelta(minutes=1)) == 1
    assert (await room.medium(waiting))["state"] == "ready"


async def test_no_entry_shows_what_is_deleted_at_the_same_moment(room: Newsroom) -> None:
    for number in range(4):
        made = await room.ready(jpeg(40 + number, 30))
        written, deleted = await asyncio.gather(
            room.entry(made),
            room.http.delete(f"{LIBRARY}/{made['id']}", headers=room.headers),
        )
        assert (written.status_code, deleted.status_code) in ((201, 409), (422, 204))


async def test_who_may_not_is_refused(room: Newsroom) -> None:
    for headers, status in (
        ({}, 401),
        ({"Authorization": f"Bearer {await room.served.actions.create_token('r', 'read')}"}, 403),
        ({"Authorization": "Bearer wrong"}, 401),
    ):
        sent = headers | {"Content-Type": "image/jpeg"}
        assert (await room.http.post(LIBRARY, content=b"x", headers=sent)).status_code == status
        assert (await room.http.get(LIBRARY, headers=headers)).status_code == status
        at = f"{LIBRARY}/{'0' * 26}"
        assert (await room.http.get(at, headers=headers)).status_code == status
        assert (await room.http.delete(at, headers=headers)).status_code == status
    missing = "/api/v1/blogs/none/media"
    assert (await room.http.get(missing, headers=room.headers)).status_code == 404
