"""Writing in the API: what each endpoint answers, repetitions, versions, visibility."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.kit import SLUG
from tests.served import Served, serving

B = f"/api/v1/blogs/{SLUG}"
E = B + "/entries"
EVERYWHERE = ("", "/entries", "/snapshot", "/changes?after={start}")

Data = dict[str, Any]


class Desk:
    """A writer with a token, and a reader without one."""

    def __init__(self, served: Served, token: str) -> None:
        self.served = served
        self.token = token
        self.start = ""

    async def write(
        self, method: str, path: str, body: Data | None = None, **headers: str
    ) -> httpx2.Response:
        """A request with the token; ``if_match`` and such become headers."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given.setdefault("authorization", f"Bearer {self.token}")
        return await self.served.http.request(method, path, json=body, headers=given)

    async def post(self, status: int = 201, **body: Any) -> Data:
        """An entry."""
        answer = await self.write("POST", E, body)
        assert answer.status_code == status, answer.text
        made: Data = answer.json()
        return made

    async def get(self, path: str, status: int = 200) -> Data:
        """What the public reads."""
        answer = await self.served.http.get(path)
        assert answer.status_code == status, answer.text
        found: Data = answer.json()
        return found

    async def everything(self) -> str:
        """All that the public can read of the blog, as one text."""
        texts = [f"/api/v1/blogs{''}", f"/blogs/{SLUG}", f"/blogs/{SLUG}/pages/1", "/"]
        texts += [B + path.format(start=self.start) for path in EVERYWHERE]
        return "".join([(await self.served.http.get(path)).text for path in texts])


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A server with one public blog."""
    async with serving(tmp_path) as served:
        await served.blog()
        made = Desk(served, await served.token("admin"))
        made.start = (await served.snapshot())["cursor"]
        yield made


async def test_a_blog_from_making_to_changing(desk: Desk) -> None:
    body = {"slug": "storm", "title": "Storm", "visibility": "public", "time_zone": "Asia/Tokyo"}
    made = await desk.write("POST", "/api/v1/blogs", body, idempotency_key="k")
    assert made.status_code == 201
    assert made.headers["location"] == "/api/v1/blogs/storm"
    assert made.headers["etag"] == '"r1"'
    again = await desk.write("POST", "/api/v1/blogs", body, idempotency_key="k")
    assert (again.status_code, again.json()) == (201, made.json())
    blog = await desk.get("/api/v1/blogs/storm")
    assert blog == made.json()
    assert blog["cursor"] == made.headers["liveblog-cursor"]
    assert (blog["seq"], blog["status"]) == (0, "live")
    new = await desk.write(
        "PATCH", "/api/v1/blogs/storm", {"headline": "Landfall"}, if_match='"r1"'
    )
    assert (new.status_code, new.headers["etag"]) == (200, '"r2"')
    assert (new.json()["headline"], new.json()["seq"]) == ("Landfall", 1)
    late = await desk.write("PATCH", "/api/v1/blogs/storm", {"headline": "No"}, if_match='W/"r1"')
    assert (late.status_code, late.headers["etag"]) == (412, '"r2"')
    assert late.json()["current"] == new.json()
    listed = await desk.get("/api/v1/blogs?limit=1")
    assert [b["slug"] for b in listed["blogs"]] == ["storm"]
    rest = await desk.get(f"/api/v1/blogs?limit=1&before={listed['next']}")
    assert ([b["slug"] for b in rest["blogs"]], rest["next"]) == ([SLUG], None)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"lang": "ar"}, "rtl"),
        ({"lang": "uk"}, "ltr"),
        ({}, "ltr"),
        ({"lang": "he", "dir": "ltr"}, "ltr"),
    ],
)
async def test_a_blog_runs_as_its_language_does(
    desk: Desk, asked: dict[str, str], wanted: str
) -> None:
    made = await desk.write("POST", "/api/v1/blogs", {"slug": "s", "title": "S", **asked})
    assert (made.status_code, made.json()["dir"]) == (201, wanted)


async def test_an_entry_and_its_repetition(desk: Desk) -> None:
    body = {"headline": "Head", "body": "Some *words*."}
    made = await desk.write("POST", E, body, idempotency_key="k1")
    assert made.status_code == 201
    entry = made.json()
    assert made.headers["location"] == f"{E}/{entry['id']}"
    assert made.headers["etag"] == '"r1"'
    assert made.headers["liveblog-cursor"].endswith(":1")
    assert made.headers["cache-control"] == "no-cache"
    assert (entry["seq"], entry["state"]) == (1, "published")
    assert ("<em>words</em>" in entry["html"], entry["text"]) == (True, "Some words.")
    assert await desk.get(made.headers["location"]) == entry
    again = await desk.write("POST", E, body, idempotency_key="k1")
    assert (again.status_code, again.json()) == (201, entry)
    assert again.headers["location"] == made.headers["location"]
    await desk.write("PATCH", f"{E}/{entry['id']}", {"body": "Others."}, if_match='"r1"')
    again = await desk.write("POST", E, body, idempotency_key="k1")
    assert (again.status_code, again.json()["text"]) == (201, "Others.")
    await desk.write("POST", f"{E}/{entry['id']}/retract", {"note": "wrong"}, if_match='"r2"')
    again = await desk.write("POST", E, body, idempotency_key="k1")
    assert (again.status_code, again.headers["location"]) == (201, made.headers["location"])
    assert (again.json()["id"], again.json()["state"]) == (entry["id"], "retracted")
    assert "words" not in again.text
    assert "Others" not in again.text
    assert (await desk.get(B))["seq"] == 3, "repetitions change nothing"
    other = await desk.served.token("write")
    theirs = await desk.write(
        "POST", E, body, idempotency_key="k1", authorization=f"Bearer {other}"
    )
    assert theirs.json()["id"] != entry["id"], "a key is of one token"


async def test_one_key_sent_twice_at_once_to_two_processes(desk: Desk, tmp_path: Path) -> None:
    async with serving(tmp_path) as second:
        body, name = {"body": "once"}, {"authorization": f"Bearer {desk.token}"}
        answers = await asyncio.gather(
            *(
                one.http.post(E, json=body, headers=name | {"idempotency-key": f"k{n}"})
                for n in range(10)
                for one in (desk.served, second)
            )
        )
        assert {a.status_code for a in answers} == {201}
        pairs = [{a.json()["id"] for a in answers[n : n + 2]} for n in range(0, 20, 2)]
        assert [len(pair) for pair in pairs] == [1] * 10
        assert len(await desk.served.truth()) == 10


async def test_two_revisions_from_one_version(desk: Desk, tmp_path: Path) -> None:
    async with serving(tmp_path) as second:
        for n in range(5):
            entry = await desk.post(body="first")
            path, name = f"{E}/{entry['id']}", {"authorization": f"Bearer {desk.token}"}
            answers = await asyncio.gather(
                *(
                    one.http.patch(path, json={"body": word}, headers=name | {"if-match": '"r1"'})
                    for one, word in ((desk.served, f"left {n}"), (second, f"right {n}"))
                )
            )
            won, lost = sorted(answers, key=lambda a: a.status_code)
            assert (won.status_code, lost.status_code) == (200, 412)
            assert lost.json()["current"] == won.json() == await desk.get(path)
            assert lost.headers["etag"] == won.headers["etag"] == '"r2"'


async def test_an_edit_leaves_its_mark(desk: Desk) -> None:
    path = f"{E}/{(await desk.post(body='Fourty'))['id']}"
    flags = await desk.write("PATCH", path, {"breaking": True}, if_match='"r1"')
    assert (flags.json()["edit"], flags.json()["revision"]) == (None, 2)
    same = await desk.write("PATCH", path, {"breaking": True}, if_match='"r2"')
    assert (same.json()["revision"], same.headers["etag"]) == (2, '"r2"')
    edit = {"kind": "correction", "note": "It was 40."}
    right = await desk.write("PATCH", path, {"body": "40", "edit": edit}, if_match='"r2"')
    assert right.json()["edit"]["note"] == "It was 40."
    typo = await desk.write(
        "PATCH", path, {"body": "40.", "edit": {"kind": "typo"}}, if_match='"r3"'
    )
    assert typo.json()["edit"] == right.json()["edit"], "a correction's note stays readable"
    assert typo.json()["updated_at"] > typo.json()["published_at"]


async def test_drafts_are_nowhere(desk: Desk) -> None:
    before = await desk.everything()
    mine = await desk.served.token("submit")
    for state in ("draft", "submitted"):
        body = {"body": f"unseen-{state}", "state": state, "headline": "unseen", "key": True}
        made = await desk.write("POST", E, body, authorization=f"Bearer {mine}")
        assert made.status_code == 201
        path = made.headers["location"]
        assert (await desk.get(path, 404))["type"].endswith("not-found")
        await desk.get(path + "/revisions", 404)
        own = await desk.write("GET", path, authorization=f"Bearer {mine}")
        assert own.json()["text"] == f"unseen-{state}"
        another = await desk.served.token("submit")
        assert (await desk.write("GET", path, authorization=f"Bearer {another}")).status_code == 404
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    planned = await desk.post(body="unseen-planned", publish_at=later)
    assert planned["state"] == "scheduled"
    thrown = await desk.write("DELETE", path, if_match='"r1"')
    assert thrown.status_code == 200
    await desk.get(path, 404)
    assert "unseen" not in await desk.everything()
    assert await desk.everything() == before


async def test_a_scheduled_entry_is_published_when_due(desk: Desk) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    entry = await desk.post(body="soon", publish_at=later.isoformat())
    actions = desk.served.actions
    assert await actions.publish_due(later - timedelta(seconds=1)) == 0
    assert await actions.publish_due(later + timedelta(seconds=1)) == 1
    assert await actions.publish_due(later + timedelta(seconds=1)) == 0
    found = await desk.get(f"{E}/{entry['id']}")
    assert (found["state"], found["seq"]) == ("published", 1)


async def test_a_draft_is_published_by_its_state(desk: Desk) -> None:
    draft = await desk.post(body="words", state="draft")
    done = await desk.write("PATCH", f"{E}/{draft['id']}", {"state": "published"}, if_match='"r1"')
    assert (done.status_code, done.json()["seq"]) == (200, 1)
    assert done.json()["published_at"] is not None


async def test_retracting_and_restoring_keeps_the_place(desk: Desk) -> None:
    entries = [await desk.post(body=f"entry {n}") for n in range(3)]
    path = f"{E}/{entries[1]['id']}"
    gone = await desk.write("POST", path + "/retract", {"note": "why"}, if_match='"r1"')
    assert (gone.status_code, gone.json()["note"]) == (200, "why")
    assert gone.headers["etag"] == '"r2"'
    answer = await desk.get(path, 410)
    assert answer["tombstone"] == gone.json()
    assert (await desk.get(path + "/revisions", 410))["status"] == 410
    listed = (await desk.get(E))["entries"]
    assert [e["id"] for e in listed] == [e["id"] for e in reversed(entries)]
    assert listed[1] == gone.json()
    assert "entry 1" not in await desk.everything()
    back = await desk.write("POST", path + "/restore", if_match='"r2"')
    assert (back.status_code, back.headers["etag"]) == (200, '"r3"')
    assert back.json()["published_at"] == entries[1]["published_at"]
    assert [e["id"] for e in (await desk.get(E))["entries"]] == [e["id"] for e in reversed(entries)]
    deleted = await desk.write("DELETE", path, if_match='"r3"')
    assert (deleted.status_code, deleted.json()["note"]) == (200, None)


async def test_pinning_unpins_as_two_changes_in_one_message(desk: Desk) -> None:
    first = await desk.post(body="first", pinned=True)
    cursor = (await desk.get(B))["cursor"]
    second = await desk.post(body="second", pinned=True)
    told = await desk.get(f"{B}/changes?after={cursor}")
    assert [(c["type"], c["entry"]["id"], c["entry"]["pinned"]) for c in told["changes"]] == [
        ("entry.revised", first["id"], False),
        ("entry.published", second["id"], True),
    ]
    assert (await desk.get(B + "/snapshot"))["pinned"]["id"] == second["id"]
    await desk.write("POST", f"{E}/{second['id']}/retract", {}, if_match='"r1"')
    assert (await desk.get(B + "/snapshot"))["pinned"] is None


async def test_revisions_and_withholding_one(desk: Desk) -> None:
    path = f"{E}/{(await desk.post(body='one'))['id']}"
    await desk.write("PATCH", path, {"body": "two"}, if_match='"r1"')
    await desk.write("PATCH", path, {"key": False, "breaking": True}, if_match='"r2"')
    rows = (await desk.get(path + "/revisions"))["revisions"]
    assert [(r["revision"], r["text"]) for r in rows] == [(1, "one"), (2, "two")]
    done = await desk.write("PATCH", path + "/revisions/1", {"withheld": True})
    assert done.status_code == 204
    rows = (await desk.get(path + "/revisions"))["revisions"]
    assert (rows[0]["text"], rows[0]["html"], rows[0]["withheld"]) == (None, None, True)
    assert rows[1]["text"] == "two"


async def test_a_closed_blog_takes_no_new_entry(desk: Desk) -> None:
    entry = await desk.post(body="last")
    await desk.write("PATCH", B, {"status": "closed"}, if_match='"r1"')
    assert (await desk.write("POST", E, {"body": "more"})).status_code == 409
    path = f"{E}/{entry['id']}"
    assert (await desk.write("PATCH", path, {"body": "x"}, if_match='"r1"')).status_code == 200
