"""Media from the upload to the reader: what is taken, who may see it, until when."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from liveblog.media.disk import Disk
from tests.pictures import jpeg, opened
from tests.served import serving
from tests.uploads import LIBRARY, Newsroom


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Newsroom]:
    async with serving(tmp_path) as served:
        yield await Newsroom.open(served, Disk(tmp_path / "media"))


async def test_from_the_upload_to_the_reader(room: Newsroom) -> None:
    answer = await room.upload(jpeg(1600, 900))
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["Location"] == f"{LIBRARY}/{made['id']}"
    assert (made["state"], made["renditions"]) == ("processing", [])
    assert (made["type"], made["width"], made["height"]) == ("image/jpeg", 1280, 720)

    early = await room.entry(made)
    assert early.status_code == 409
    assert early.json()["type"].endswith(":media-not-ready")
    assert early.headers["Retry-After"] == "1"
    draft = (await room.entry(made, state="draft")).raise_for_status().json()

    assert await room.work() == 1
    ready = await room.medium(made["id"])
    assert ready["state"] == "ready"
    assert ready["url"] == made["url"]
    assert (await room.http.get(made["url"])).status_code == 404, "only a draft shows it"
    seen = await room.http.get(made["url"], headers=room.headers)
    assert seen.status_code == 200
    assert seen.headers["Cache-Control"] == "private, no-store"

    entry = await room.change(draft, "", state="published")
    shown = entry["media"][0]
    assert shown["renditions"] == ready["renditions"]
    assert (shown["width"], shown["height"], shown["alt"]) == (1280, 720, "A table")
    for rendition in shown["renditions"]:
        file = await room.http.get(rendition["url"])
        assert file.status_code == 200
        assert file.headers["Content-Type"] == rendition["type"]
        assert opened(file.content).size == (rendition["width"], rendition["height"])

    gone = await room.change(entry, "retract", note="Wrong")
    for rendition in shown["renditions"]:
        assert (await room.http.get(rendition["url"])).status_code == 410
    await room.change(gone, "restore")
    assert (await room.http.get(made["url"])).status_code == 200
