"""Reading in the API: pages that never shift, days that assemble themselves, caches, origins."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.kit import SLUG
from tests.served import serving

from .test_api_writing import B, Data, Desk, E


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A server with one public blog, in Kyiv."""
    async with serving(tmp_path) as served:
        await served.blog()
        yield Desk(served, await served.token("admin"))


async def ids(desk: Desk, query: str = "") -> list[str]:
    """All entries, page by page to the end."""
    found: list[str] = []
    path = f"{E}?limit=7{query}"
    page = await desk.get(path)
    while True:
        found += [e["id"] for e in page["entries"]]
        if page["next"] is None:
            return found
        assert len(page["entries"]) == 7
        page = await desk.get(f"{path}&before={page['next']}")


async def test_paging_to_the_end(desk: Desk) -> None:
    made = [(await desk.post(body=f"entry {n}"))["id"] for n in range(21)]
    assert await ids(desk) == made[::-1]
    head = await desk.get(f"{E}?limit=5")
    assert (head["seq"], head["cursor"]) == (21, (await desk.get(B))["cursor"])
    last = await desk.get(f"{E}?limit=21")
    assert (len(last["entries"]), last["next"]) == (21, None)


async def test_new_entries_do_not_shift_a_page_that_is_being_read(desk: Desk) -> None:
    made = [(await desk.post(body=f"entry {n}"))["id"] for n in range(10)]
    first = await desk.get(f"{E}?limit=5")
    await desk.post(body="new")
    await desk.write("DELETE", f"{E}/{made[5]}", if_match='"r1"')
    second = await desk.get(f"{E}?limit=5&before={first['next']}")
    assert [e["id"] for e in first["entries"] + second["entries"]] == made[::-1]


async def test_older_pages_keep_their_entries(desk: Desk) -> None:
    made = [(await desk.post(body=f"entry {n}"))["id"] for n in range(25)]

    async def shown(number: int) -> list[str]:
        text = (await desk.served.http.get(f"/blogs/{SLUG}/pages/{number}")).text
        return [i for i in made if f'id="entry-{i}"' in text]

    assert (await shown(1), await shown(2)) == (made[:20], made[20:])
    await desk.write("DELETE", f"{E}/{made[3]}", if_match='"r1"')
    old = await desk.post(body="back-dated", published_at="2025-01-01T00:00:00Z")
    made.append(old["id"])
    assert (await shown(1), await shown(2)) == (made[:20], made[20:])
    assert (await ids(desk))[-1] == old["id"], "but the order is by time"


DST = [
    # In Kyiv the 30th of March 2025 has 23 hours and the 26th of October 25.
    ("2025-03-29T21:59:59Z", "2025-03-29"),
    ("2025-03-29T22:00:00Z", "2025-03-30"),
    ("2025-03-30T20:59:59Z", "2025-03-30"),
    ("2025-03-30T21:00:00Z", "2025-03-31"),
    ("2025-10-25T20:59:59Z", "2025-10-25"),
    ("2025-10-25T21:00:00Z", "2025-10-26"),
    ("2025-10-26T21:59:59Z", "2025-10-26"),
    ("2025-10-26T22:00:00Z", "2025-10-27"),
]


async def test_days_begin_at_midnight_of_the_zone(desk: Desk) -> None:
    expected: dict[str, list[str]] = {}
    for moment, date in DST:
        entry = await desk.post(headline=moment, key=True, published_at=moment)
        expected.setdefault(date, []).append(entry["id"])
    for date, entries in expected.items():
        day = await desk.get(f"{B}/days/{date}")
        assert [item["entry"] for item in day["items"]] == entries, date
        assert await ids(desk, f"&day={date}") == entries[::-1]
    assert (await desk.get(B + "/snapshot"))["day"]["date"] == "2025-10-27"
    await desk.write("PATCH", B, {"time_zone": "UTC"}, if_match='"r1"')
    day = await desk.get(f"{B}/days/2025-03-29")
    assert [item["text"] for item in day["items"]] == [DST[0][0], DST[1][0]]


async def test_an_editor_orders_rewords_and_drops(desk: Desk) -> None:
    made = [await key(desk, n) for n in range(4)]
    a, b, c, d = (e["id"] for e in made)
    path = f"{B}/days/2025-07-23"
    day = await desk.get(path)
    assert [i["text"] for i in day["items"]] == ["Head 0", "Head 1", "Head 2", "Head 3"]
    lines = [{"entry": c}, {"entry": a, "text": "In other words"}, {"entry": d}]
    patch = {"items": lines, "title": "The day"}
    tag = f'"r{day["revision"]}"'
    new = await desk.write("PATCH", path, patch, if_match=tag)
    assert new.status_code == 200, new.text
    assert [(i["entry"], i["text"]) for i in new.json()["items"]] == [
        (c, "Head 2"),
        (a, "In other words"),
        (d, "Head 3"),
    ]
    assert new.json()["title"] == "The day"
    assert (await desk.write("PATCH", path, patch, if_match=tag)).status_code == 412
    e = (await key(desk, 5))["id"]
    day = await desk.get(path)
    assert [i["entry"] for i in day["items"]] == [c, a, d, e], "a new one goes to the end"
    await desk.write("PATCH", f"{E}/{d}", {"headline": "Corrected"}, if_match='"r1"')
    day = await desk.get(path)
    assert [i["text"] for i in day["items"]][2] == "Corrected"
    again = [{"entry": i["entry"]} for i in day["items"]] + [{"entry": b}]
    new = await desk.write("PATCH", path, {"items": again}, if_match=f'"r{day["revision"]}"')
    assert [i["entry"] for i in new.json()["items"]] == [c, a, d, e, b]
    wrong = [{"entry": c}, {"entry": "nope"}]
    refused = await desk.write("PATCH", path, {"items": wrong}, if_match=new.headers["etag"])
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "items[1].entry")


async def test_a_frozen_day_still_loses_what_is_withdrawn(desk: Desk) -> None:
    first, second = await key(desk, 1), await key(desk, 2)
    path = f"{B}/days/2025-07-23"
    day = await desk.get(path)
    frozen = await desk.write("PATCH", path, {"frozen": True}, if_match=f'"r{day["revision"]}"')
    assert frozen.json()["frozen"] is True
    await key(desk, 3)
    assert [i["text"] for i in (await desk.get(path))["items"]] == ["Head 1", "Head 2"]
    one = f"{E}/{first['id']}"
    gone = await desk.write("POST", one + "/retract", {}, if_match='"r1"')
    assert [i["entry"] for i in (await desk.get(path))["items"]] == [second["id"]]
    assert gone.headers["liveblog-cursor"] == (await desk.get(B))["cursor"], "in one transaction"
    assert "Head 1" not in (await desk.served.http.get(f"/blogs/{SLUG}/days/2025-07-23")).text


async def key(desk: Desk, n: int) -> Data:
    """A key entry of 2025-07-23."""
    return await desk.post(headline=f"Head {n}", key=True, published_at=f"2025-07-23T{n:02}:00:00Z")


@pytest.mark.parametrize("path", ["/snapshot", "/snapshot?view=page", "/days/2025-07-23"])
async def test_what_has_not_changed_is_not_sent_again(desk: Desk, path: str) -> None:
    await key(desk, 1)
    answer = await desk.served.http.get(B + path)
    assert answer.headers["cache-control"] == "no-cache"
    tag = answer.headers["etag"]
    for given in (tag, f'"x", {tag}', tag.removeprefix("W/")):
        again = await desk.served.http.get(B + path, headers={"If-None-Match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    await key(desk, 2)
    new = await desk.served.http.get(B + path, headers={"If-None-Match": tag})
    assert (new.status_code, new.headers["etag"] == tag) == (200, False)


async def test_every_page_may_read_and_none_may_write(desk: Desk) -> None:
    origin = {"Origin": "https://elsewhere.example"}
    answer = await desk.served.http.get(B + "/snapshot", headers=origin)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    exposed = answer.headers["access-control-expose-headers"]
    assert {"ETag", "Liveblog-Cursor"} <= set(exposed.split(", "))
    ask = origin | {"Access-Control-Request-Method": "POST"}
    assert (await desk.served.http.options(E, headers=ask)).status_code == 400
    stream = f"{B}/changes?after={answer.headers['liveblog-cursor']}"
    assert (await desk.served.http.get(stream, headers=origin)).status_code == 200


async def test_a_poll_tells_when_to_come_back(desk: Desk) -> None:
    start = (await desk.get(B))["cursor"]
    empty = await desk.get(f"{B}/changes?after={start}")
    assert (empty["changes"], empty["from"], empty["cursor"]) == ([], start, start)
    assert empty["poll_after_ms"] > 0
    entry = await desk.post(body="words")
    answer = await desk.served.http.get(f"{B}/changes?after={start}&wait=30")
    told = answer.json()
    assert told["changes"][0]["entry"] == entry
    assert told["cursor"] == answer.headers["liveblog-cursor"]


async def test_the_page_view_brings_fragments(desk: Desk) -> None:
    start = (await desk.get(B))["cursor"]
    entry = await key(desk, 1)
    told = await desk.get(f"{B}/changes?after={start}&view=page")
    items: list[Any] = [c.get("entry") or c["day"] for c in told["changes"]]
    assert [i["id"] for i in items] == [entry["id"], "2025-07-23"]
    page = (await desk.served.http.get(f"/blogs/{SLUG}")).text
    assert items[0]["fragment"].strip() in page
    shot = await desk.get(B + "/snapshot?view=page")
    assert shot["entries"][0] == items[0]
