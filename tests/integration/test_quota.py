"""The quota for media: it holds for each person and the house, over races and restarts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from liveblog.cli.keeping import _check_media
from liveblog.config import Settings
from liveblog.errors import LiveblogError
from liveblog.media.disk import Disk
from liveblog.store import migrate
from liveblog.web.auth import COOKIE
from tests.kit import SLUG
from tests.people import OURS, signed_in
from tests.pictures import jpeg
from tests.served import serving
from tests.uploads import LIBRARY, Newsroom, problem
from workers.media import purge

Opens = Callable[..., AbstractAsyncContextManager[Newsroom]]


@pytest.fixture(params=["sqlite", "postgresql"])
def opens(request: pytest.FixtureRequest, tmp_path: Path) -> Opens:
    """A server with these bounds, on each engine; the same database each time."""
    options: dict[str, Any] = {}
    if request.param == "postgresql":
        options["database_url"] = request.getfixturevalue("postgres_url")
        migrate(options["database_url"])

    @asynccontextmanager
    async def opened(**bounds: Any) -> AsyncIterator[Newsroom]:
        async with serving(tmp_path, **options, **bounds) as served:
            room = Newsroom(served, Disk(tmp_path / "media"), "")
            if await served.store.inner.read(lambda tx: tx.blog(SLUG)) is None:
                await served.blog()
            room.headers = {"Authorization": f"Bearer {await served.token('write')}"}
            yield room

    return opened


def files(folder: Path) -> set[str]:
    """The media of which there are files."""
    return {one.name for one in (folder / "media").iterdir()}


async def test_so_many_uploads_a_day_and_others_are_not_hindered(
    opens: Opens, tmp_path: Path
) -> None:
    async with opens(media_day_uploads=2) as room, signed_in(room.served, "editor") as ada:
        sent = {"Content-Type": "image/jpeg"}
        for n in range(2):
            taken = await ada.post(LIBRARY, content=jpeg(30 + n, 20), headers=sent)
            assert taken.status_code == 201
        key = sent | {"Idempotency-Key": "k"}
        refused = await ada.post(LIBRARY, content=jpeg(30, 22), headers=key)
        assert (refused.status_code, problem(refused)) == (403, "quota-reached")
        assert "2 uploads of one person a day" in refused.json()["detail"]
        assert "Retry-After" not in refused.headers
        other = await room.upload(jpeg(30, 20), **{"Idempotency-Key": "k"})
        assert other.status_code == 201, "of somebody else"
        again = await room.upload(jpeg(30, 20), **{"Idempotency-Key": "k"})
        assert again.json() == other.json()
        assert (await room.upload(jpeg(30, 21))).status_code == 201, "a repetition is none"
        assert (await room.upload(jpeg(30, 22))).status_code == 403
        # What is thrown away the same day counts.
        deleted = await room.http.delete(f"{LIBRARY}/{other.json()['id']}", headers=room.headers)
        assert deleted.status_code == 204
        assert (await room.upload(jpeg(30, 22))).status_code == 403
        assert len(files(tmp_path)) == 4, "of what was refused nothing is kept"
        # Another process, and the next start, count on.
        shown = {"Cookie": f"{COOKIE}={ada.secret}", **OURS}
    async with opens(media_day_uploads=2) as room:
        asked: dict[str, Any] = {"content": jpeg(30, 22), "headers": sent | shown}
        assert (await room.http.post(LIBRARY, **asked)).status_code == 403
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        assert await purge(room.served.actions, datetime.now(UTC)) == 0
        assert await purge(room.served.actions, tomorrow) == 2
        assert (await room.http.post(LIBRARY, **asked)).status_code == 201


async def test_bytes_of_a_day(opens: Opens) -> None:
    picture = jpeg(300, 200)
    async with opens(media_day_bytes=2 * len(picture)) as room:
        assert [(await room.upload(picture)).status_code for _ in range(2)] == [201, 201]
        refused = await room.upload(jpeg(3, 2))
        assert (refused.status_code, problem(refused)) == (403, "quota-reached")
        assert f"{2 * len(picture):,} bytes of one person a day" in refused.json()["detail"]


async def test_those_who_race_pass_the_bound_by_nothing(opens: Opens, tmp_path: Path) -> None:
    """Of one person; not even when all of them looked before any was counted."""
    async with opens(media_day_uploads=3) as room:
        came = await asyncio.gather(*(room.upload(jpeg(30, 20 + n)) for n in range(6)))
        assert sorted(one.status_code for one in came) == [201] * 3 + [403] * 3
        taken = {one.json()["id"] for one in came if one.status_code == 201}
        assert files(tmp_path) == taken
        [day] = await room.store.read(lambda tx: tx.uploads_on(datetime.now(UTC).date()))
        sizes = [one.json()["bytes"] for one in came if one.status_code == 201]
        assert (day.uploads, day.bytes) == (3, sum(sizes))


async def test_the_house_counts_what_is_made_of_pictures(opens: Opens, tmp_path: Path) -> None:
    async with opens() as room:
        made = await room.ready(jpeg(300, 200))
        kept = [one for one in (tmp_path / "media" / made["id"]).iterdir() if one.is_file()]
        stored = sum(one.stat().st_size for one in kept)
        assert stored > made["bytes"]
    async with opens(media_house_bytes=stored) as room:
        refused = await room.upload(jpeg(3, 2))
        assert (refused.status_code, problem(refused)) == (403, "quota-reached")
        assert f"used up: {stored:,} bytes" in refused.json()["detail"]
        deleted = await room.http.delete(f"{LIBRARY}/{made['id']}", headers=room.headers)
        assert deleted.status_code == 204
        assert (await room.upload(jpeg(3, 2))).status_code == 403, "its files are still there"
        assert await room.work(datetime.now(UTC) + timedelta(minutes=2)) == 1
        assert (await room.upload(jpeg(3, 2))).status_code == 201


async def test_check_says_what_is_used(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        room = await Newsroom.open(served, Disk(tmp_path / "media"))
        size = (await room.upload(jpeg(30, 20))).json()["bytes"]
        told = await _check_media(Settings(data_dir=tmp_path))
        assert f"; {size} bytes of 100.0 GiB used; " in told
        assert told.endswith(f"today 1 uploads, {size} bytes, of 1 people and tokens")
        with pytest.raises(LiveblogError, match="nobody can upload"):
            await _check_media(Settings(data_dir=tmp_path, media_house_bytes=size))
