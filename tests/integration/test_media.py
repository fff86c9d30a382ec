"""Media from the upload to the reader: who may see them, and until when."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
from PIL import Image

from liveblog.media.disk import Disk
from tests.kit import SLUG
from tests.people import signed_in
from tests.pictures import jpeg, opened
from tests.served import serving
from tests.uploads import LIBRARY, Newsroom, problem

CSP = "default-src 'none'; sandbox"


# The whole way -----------------------------------------------------------------------------


async def test_from_the_upload_to_the_reader(room: Newsroom) -> None:
    answer = await room.upload(jpeg(1600, 900))
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["Location"] == f"{LIBRARY}/{made['id']}"
    assert (made["state"], made["renditions"], made["name"]) == ("processing", [], "a.jpg")
    assert (made["type"], made["width"], made["height"]) == ("image/jpeg", 1280, 720)

    early = await room.entry(made)
    assert (early.status_code, problem(early)) == (409, "media-not-ready")
    assert early.headers["Retry-After"] == "1"
    draft = (await room.entry(made, state="draft")).raise_for_status().json()

    assert await room.work() == 1
    ready = await room.medium(made["id"])
    assert (ready["state"], ready["uses"], ready["url"]) == ("ready", 1, made["url"])
    entry = await room.change(draft, "", state="published")
    shown = entry["media"][0]
    assert shown["renditions"] == ready["renditions"]
    assert (shown["width"], shown["height"], shown["alt"]) == (1280, 720, "A table")
    for rendition in shown["renditions"]:
        file = await room.http.get(rendition["url"])
        assert file.status_code == 200
        assert file.headers["Content-Type"] == rendition["type"]
        assert file.headers["X-Content-Type-Options"] == "nosniff"
        assert file.headers["Content-Security-Policy"] == CSP
        assert opened(file.content).size == (rendition["width"], rendition["height"])


async def test_who_may_see_a_file_follows_the_entries_at_once(room: Newsroom) -> None:
    made = await room.ready(jpeg())
    files = [rendition["url"] for rendition in made["renditions"]]
    assert len(files) == 10

    async def statuses(**headers: str) -> set[int]:
        return {(await room.http.get(url, headers=headers)).status_code for url in files}

    assert await statuses() == {404}, "nothing shows it"
    draft = (await room.entry(made, state="draft")).json()
    assert await statuses() == {404}, "only a draft shows it"
    assert await statuses(**room.headers) == {200}, "who has the library sees it"
    seen = await room.http.get(files[0], headers=room.headers)
    assert seen.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in seen.headers["Vary"]

    entry = await room.change(draft, "", state="published")
    assert await statuses() == {200}
    open_ = await room.http.get(files[0])
    assert open_.headers["Cache-Control"] == "no-cache"
    gone = await room.change(entry, "retract", note="Wrong place")
    assert await statuses() == {410}
    closed = await room.http.get(files[0], headers={"If-None-Match": open_.headers["ETag"]})
    assert (closed.status_code, problem(closed)) == (410, "gone")

    other = (await room.entry(made)).json()
    assert await statuses() == {200}, "another published entry shows it"
    await room.change(other, "", media=[{"url": "https://a.example/b.jpg", "type": "image/jpeg"}])
    assert await statuses() == {410}, "now only the retracted one does"
    await room.change(gone, "restore")
    assert await statuses() == {200}


async def test_a_scheduled_entry_shows_nothing_before_its_time(room: Newsroom) -> None:
    made = await room.ready(jpeg(300, 200))
    answer = await room.entry(made, publish_at="2100-01-01T00:00:00Z")
    assert answer.json()["state"] == "scheduled"
    assert (await room.http.get(made["url"])).status_code == 404


async def test_what_is_not_published_of_a_hidden_blog_is_nobodys(room: Newsroom) -> None:
    made = await room.ready(jpeg(300, 200))
    await room.entry(made)
    assert (await room.http.get(made["url"])).status_code == 200
    blog = (await room.http.get(f"/api/v1/blogs/{SLUG}")).json()
    admin = {
        "Authorization": f"Bearer {await room.served.actions.create_token('chief', 'admin')}",
        "If-Match": f'"r{blog["revision"]}"',
    }
    changed = await room.http.patch(
        f"/api/v1/blogs/{SLUG}", json={"visibility": "private"}, headers=admin
    )
    assert changed.status_code == 200
    assert (await room.http.get(made["url"])).status_code == 401
    read = await room.served.actions.create_token("reader", "read")
    seen = await room.http.get(made["url"], headers={"Authorization": f"Bearer {read}"})
    assert (seen.status_code, seen.headers["Cache-Control"]) == (200, "private, no-cache")


async def test_a_file_is_asked_for_again_and_not_sent_again(room: Newsroom) -> None:
    made = await room.ready(jpeg(300, 200))
    await room.entry(made)
    first = await room.http.get(made["url"])
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    again = await room.http.get(made["url"], headers={"If-None-Match": f'W/"x", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == tag
    assert again.headers["Cache-Control"] == "no-cache"
    head = await room.http.head(made["url"])
    assert head.headers["Content-Length"] == str(len(first.content))
    assert head.content == b""


async def test_only_renditions_are_given_out(room: Newsroom) -> None:
    made = await room.ready(jpeg(300, 200))
    await room.entry(made)
    base = f"/media/{made['id']}"
    for path in (
        f"{base}/original", f"{base}/301.jpg", f"{base}/300.jpg/", f"{base}/", base,
        f"{base}/..%2f..%2fliveblog.db", f"{base}/%2e%2e/original", f"{base}/300.jpg%00",
        "/media/..%2f..%2fetc/passwd", f"/media/{'0' * 26}/300.jpg", "/media/",
        f"/media/{made['id'].upper()}/300.jpg",
    ):  # fmt: skip
        answer = await room.http.get(path, headers=room.headers)
        assert answer.status_code == 404, path


# In entries --------------------------------------------------------------------------------


async def test_an_entry_shows_only_what_is_in_its_blog(room: Newsroom) -> None:
    await room.served.blog("other")
    made = await room.ready(jpeg(300, 200))
    unknown = {"url": f"/media/{'0' * 26}/300.jpg", "type": "image/jpeg"}
    foreign = {"url": "https://a.example/a.jpg", "type": "image/jpeg"}
    body = {
        "kind": "image",
        "media": [foreign, unknown],
        "embed": {"url": "https://a.example", "thumbnail": unknown["url"]},
    }
    answer = await room.http.post(f"/api/v1/blogs/{SLUG}/entries", json=body, headers=room.headers)
    assert (answer.status_code, problem(answer)) == (422, "invalid")
    paths = [error["path"] for error in answer.json()["errors"]]
    assert paths == ["media[1].url", "embed.thumbnail"]
    elsewhere = await room.http.post(
        "/api/v1/blogs/other/entries",
        json={"kind": "image", "media": [{"url": made["url"], "type": "image/jpeg"}]},
        headers=room.headers,
    )
    assert elsewhere.json()["errors"][0]["path"] == "media[0].url"


async def test_what_the_server_knows_of_a_picture_is_not_the_senders(room: Newsroom) -> None:
    made = await room.ready(jpeg(1600, 900))
    lie = {
        "url": f"/media/{made['id']}/320.avif", "type": "text/html", "width": 1, "height": 1,
        "renditions": [{"url": "https://evil.example/x.avif", "type": "image/avif", "width": 9}],
        "caption": "A table", "credit": "Jo Ray", "taken_at": "2025-07-23",
    }  # fmt: skip
    answer = await room.http.post(
        f"/api/v1/blogs/{SLUG}/entries",
        json={"kind": "image", "media": [lie]},
        headers=room.headers,
    )
    shown = answer.raise_for_status().json()["media"][0]
    assert {k: shown[k] for k in ("url", "type", "width", "height", "renditions")} == {
        k: made[k] for k in ("url", "type", "width", "height", "renditions")
    }
    assert (shown["caption"], shown["credit"]) == ("A table", "Jo Ray")


async def test_a_damaged_picture_fails_with_a_sentence(room: Newsroom) -> None:
    whole = jpeg(1600, 900)
    made = (await room.upload(whole[: len(whole) // 2])).json()
    assert await room.work() == 1
    failed = await room.medium(made["id"])
    assert failed["state"] == "failed"
    assert "damaged or cut off" in failed["reason"]
    answer = await room.entry(made, state="draft")
    assert answer.json()["errors"] == [{"path": "media[0].url", "message": failed["reason"]}]
    assert (await room.http.get(made["url"], headers=room.headers)).status_code == 404


# The library -------------------------------------------------------------------------------


async def test_the_library_pages_from_the_newest(room: Newsroom) -> None:
    made = [(await room.upload(jpeg(40 + n, 20))).json()["id"] for n in range(5)]
    seen: list[str] = []
    query = {"limit": "2"}
    while True:
        answer = await room.http.get(LIBRARY, params=query, headers=room.headers)
        assert answer.headers["Cache-Control"] == "no-store"
        page = answer.json()
        seen += [one["id"] for one in page["media"]]
        if page["next"] is None:
            break
        query["before"] = page["next"]
    assert seen == made[::-1]
    bad = await room.http.get(LIBRARY, params={"before": "x"}, headers=room.headers)
    assert bad.status_code == 422
    bad = await room.http.get(LIBRARY, params={"q": "a\0"}, headers=room.headers)
    assert bad.status_code == 422


async def test_it_is_searched_by_what_files_and_entries_say(room: Newsroom) -> None:
    exif = {"exif": _said("AP-12345 Рятувальники в Харкові (AP Photo/Jo Ray)")}
    kharkiv = await room.ready(jpeg(300, 200, **exif))
    other = await room.ready(jpeg(301, 200))
    assert kharkiv["proposed"] == {
        "caption": "Рятувальники в Харкові", "credit": "AP/Jo Ray", "taken_at": None,
    }  # fmt: skip
    shown = {"url": other["url"], "type": "image/jpeg", "caption": "100% of the طاولة"}
    await room.http.post(
        f"/api/v1/blogs/{SLUG}/entries",
        json={"kind": "image", "media": [shown], "state": "draft"},
        headers=room.headers,
    )

    async def found(words: str) -> list[str]:
        answer = await room.http.get(LIBRARY, params={"q": words}, headers=room.headers)
        return [one["id"] for one in answer.json()["media"]]

    assert await found("харків") == []
    assert await found("ХАРКОВ") == [kharkiv["id"]]
    assert await found("ray рятув") == [kharkiv["id"]]
    assert await found("ray طاولة") == []
    assert await found("طاول 100%") == [other["id"]]
    assert await found("100_") == []
    assert await found("%") == [other["id"]]
    assert await found("a.jpg") == [other["id"], kharkiv["id"]]
    contributor = await room.served.actions.create_token("contributor", "submit")
    room.headers = {"Authorization": f"Bearer {contributor}"}
    assert await found("a.jpg") == [other["id"], kharkiv["id"]]
    assert await found("طاول 100%") == [], "a draft of somebody else's"


def _said(words: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = words.encode()
    return exif.tobytes()


async def test_what_nothing_shows_can_be_deleted_and_nothing_else(room: Newsroom) -> None:
    made = await room.ready(jpeg(300, 200))
    at = f"{LIBRARY}/{made['id']}"
    entry = (await room.entry(made)).json()

    async def delete() -> httpx2.Response:
        return await room.http.delete(at, headers=room.headers)

    held = await delete()
    assert (held.status_code, problem(held)) == (409, "conflict")
    entry = await room.change(entry, "retract")
    assert (await delete()).status_code == 409, "it may be restored"
    entry = await room.change(entry, "restore")
    await room.change(entry, "", media=[{"url": "https://a.example/b.jpg", "type": "image/jpeg"}])
    assert (await delete()).status_code == 204
    assert (await delete()).status_code == 404
    assert (await room.http.get(at, headers=room.headers)).status_code == 404
    assert (await room.http.get(made["url"], headers=room.headers)).status_code == 404
    assert (await room.entry(made, state="draft")).status_code == 422
    assert await room.work() == 0, "caches are told once more before it goes"
    assert await room.storage.get(f"{made['id']}/300.jpg") is not None
    assert await room.work(datetime.now(UTC) + timedelta(minutes=2)) == 1
    assert await room.storage.get(f"{made['id']}/300.jpg") is None
    assert await room.storage.get(f"{made['id']}/original") is None
    assert await room.store.read(lambda tx: tx.medium(made["id"])) is None


# People ------------------------------------------------------------------------------------


async def test_people_upload_from_our_pages_only(room: Newsroom) -> None:
    sent = {"Content-Type": "image/jpeg"}
    async with signed_in(room.served, "contributor", SLUG) as ada:
        made = await ada.post(LIBRARY, content=jpeg(300, 200), headers=sent)
        assert made.status_code == 201
        foreign = sent | {"Sec-Fetch-Site": "cross-site"}
        refused = await ada.post(LIBRARY, content=jpeg(300, 200), headers=foreign)
        assert (refused.status_code, problem(refused)) == (403, "foreign-origin")
        while await room.work():
            pass
        url = made.json()["url"]
        assert (await ada.get(url)).status_code == 200
        other = await ada.get(url, headers={"Sec-Fetch-Site": "cross-site"})
        assert other.status_code == 404, "a page of others learns nothing"
    async with signed_in(room.served, "contributor", SLUG) as ben:
        at = f"{LIBRARY}/{made.json()['id']}"
        assert (await ben.get(at)).status_code == 200
        assert (await ben.delete(at)).status_code == 403
    async with signed_in(room.served, "editor", SLUG) as eve:
        assert (await eve.delete(at)).status_code == 204


# Caches ------------------------------------------------------------------------------------


async def test_a_cache_that_is_told_may_keep_a_file(tmp_path: Path) -> None:
    base = "https://news.example/live"
    hook = "https://cdn.example/purge"
    async with serving(tmp_path, public_url=base, purge_url=hook) as served:
        room = await Newsroom.open(served, Disk(tmp_path / "media"))
        made = await room.ready(jpeg(300, 200))
        assert made["url"] == f"{base}/media/{made['id']}/300.jpg"
        entry = (await room.entry(made)).raise_for_status().json()
        assert [r["url"] for r in entry["media"][0]["renditions"]] == [
            f"{base}/media/{made['id']}/300.{kind}" for kind in ("jpg", "avif", "webp")
        ]
        seen = await room.http.get(f"/live/media/{made['id']}/300.avif")
        assert seen.status_code == 200
        assert seen.headers["Cache-Control"] == (
            "public, max-age=0, must-revalidate, s-maxage=86400"
        )
        assert seen.headers["Surrogate-Key"] == f"media:{made['id']} blog:{SLUG}"
        assert seen.headers["Cache-Tag"] == f"media:{made['id']},blog:{SLUG}"
        page = (await room.http.get(f"/live/blogs/{SLUG}")).text
        assert f'<source type="image/avif" srcset="{base}/media/{made["id"]}/300.avif 300w"' in page
        feed = (await room.http.get(f"/live/blogs/{SLUG}/feed.json")).json()
        assert feed["items"][0]["image"] == made["url"]
        # By a path below the prefix, and by one of ours, it is the same medium.
        for address in (f"/live/media/{made['id']}/300.jpg", f"/media/{made['id']}/x"):
            again = await room.entry({"url": address, "type": "image/jpeg"}, state="draft")
            assert again.json()["media"][0]["url"] == made["url"]
