"""The desk in the API: who gets in, what it answers, and that nobody keeps it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.kit import SLUG
from tests.people import Someone, signed_in
from tests.served import Served, serving

B = f"/api/v1/blogs/{SLUG}"
DESK = f"{B}/desk"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A server with one public blog."""
    async with serving(tmp_path) as running:
        await running.blog()
        yield running


@pytest.fixture
async def editor(served: Served) -> AsyncIterator[Someone]:
    """An editor of the blog, signed in."""
    async with signed_in(served, "editor", SLUG) as ada:
        yield ada


@pytest.mark.parametrize("path", ["", "/entries", "/entries/01j" + 23 * "0"])
async def test_who_gets_in(served: Served, path: str) -> None:
    assert (await served.http.get(DESK + path)).status_code == 401
    reading = {"authorization": f"Bearer {await served.token('read')}"}
    assert (await served.http.get(DESK + path, headers=reading)).status_code == 403
    await served.blog("other")
    async with signed_in(served, "editor", "other") as stranger:
        assert (await stranger.get(DESK + path)).status_code == 403
        assert (await stranger.get("/api/v1/blogs/nowhere/desk" + path)).status_code == 404
    await served.blog("secret", visibility="draft")
    async with signed_in(served, "editor", SLUG) as ada:
        assert (await ada.get("/api/v1/blogs/secret/desk" + path)).status_code == 404


async def test_an_editor_at_the_desk(served: Served, editor: Someone) -> None:
    made = await editor.post(f"{B}/entries", json={"body": "Not *yet*", "state": "draft"})
    entry_id = made.json()["id"]
    desk = await editor.get(DESK)
    assert (desk.headers["cache-control"], desk.headers["etag"]) == ("no-store", '"r1"')
    told = desk.json()
    assert (told["role"], told["counts"]["draft"], told["blog"]["slug"]) == ("editor", 1, SLUG)
    listed = await editor.get(DESK + "/entries?state=draft,submitted&limit=1")
    assert listed.headers["cache-control"] == "no-store"
    (entry,) = listed.json()["entries"]
    assert entry["by"] == {"id": editor.person.id, "name": "Ada"}
    assert (entry["body"], entry["state"]) == ("Not *yet*", "draft")
    assert set(made.json()) < set(entry)
    one = await editor.get(f"{DESK}/entries/{entry_id}")
    assert (one.json(), one.headers["etag"]) == (entry, '"r1"')
    await editor.post(
        f"{B}/entries/{entry_id}/retract", json={"note": "no"}, headers={"if-match": '"r1"'}
    )
    gone = (await editor.get(f"{DESK}/entries/{entry_id}")).json()
    assert (gone["state"], gone["body"], gone["note"]) == ("retracted", "Not *yet*", "no")


@pytest.mark.parametrize(
    "query", ["state=lost", "state=draft,", "kind=poem", "key=yes", "limit=101", "limit=0"]
)
async def test_what_is_not_understood_is_refused(editor: Someone, query: str) -> None:
    answer = await editor.get(f"{DESK}/entries?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == query.partition("=")[0]


async def test_a_preview_is_what_readers_get(served: Served, editor: Someone) -> None:
    body: dict[str, Any] = {"headline": "Talks <resume>", "body": "In *Kyiv*.", "key": True}
    body |= {"published_at": "2026-05-01T12:00:00Z", "bylines": [{"name": "Ada"}]}
    body |= {"breaking": True}  # so that it does not wait
    answer = await editor.post(DESK + "/preview", json=body)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    html = answer.json()["html"]
    made = (await editor.post(f"{B}/entries", json=body)).json()
    shot = (await served.http.get(f"{B}/snapshot?view=page")).json()
    previewed = html.split('id="entry-')[1].partition('"')[0]
    assert html.replace(previewed, made["id"]) == shot["entries"][0]["fragment"]
    assert "Talks &lt;resume&gt;" in html
    assert (await editor.get(DESK)).json()["counts"]["published"] == 1, "nothing else was kept"


async def test_a_preview_names_what_is_wrong(served: Served, editor: Someone) -> None:
    wrong = await editor.post(DESK + "/preview", json={"kind": "quote"})
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (422, "quote")
    async with signed_in(served, "contributor", SLUG, name="Cem") as cem:
        assert (await cem.post(DESK + "/preview", json={"body": "x"})).status_code == 200
    foreign = {"sec-fetch-site": "cross-site"}
    answer = await editor.post(DESK + "/preview", json={"body": "x"}, headers=foreign)
    assert answer.status_code == 403


async def test_a_click_can_be_undone_and_an_embargo_not_be_slipped(
    served: Served, editor: Someone
) -> None:
    assert (await editor.get(DESK)).json()["undo_seconds"] == 5
    click = {"json": {"body": "Wrong"}, "headers": {"idempotency-key": "click"}}
    answers = [await editor.post(f"{B}/entries", **click) for _ in range(2)]  # type: ignore[arg-type]
    assert [answer.status_code for answer in answers] == [201, 201]
    made = answers[0].json()
    assert (made, made["state"]) == (answers[1].json(), "scheduled")
    assert (await served.http.get(f"{B}/entries/{made['id']}")).status_code == 404
    one, match = f"{B}/entries/{made['id']}", {"if-match": '"r1"'}
    undone = await editor.patch(one, json={"state": "draft"}, headers=match)
    assert (undone.json()["state"], undone.json()["publish_at"]) == ("draft", None)
    held = {"embargo": True, "publish_at": "2190-01-01T00:00:00Z", "state": "scheduled"}
    match = {"if-match": '"r2"'}
    assert (await editor.patch(one, json=held, headers=match)).status_code == 200
    assert (await editor.get(f"{DESK}/entries/{made['id']}")).json()["embargo"] is True
    slip = await editor.patch(one, json={"state": "published"}, headers={"if-match": '"r3"'})
    assert (slip.status_code, slip.json()["type"]) == (409, "urn:liveblog:problem:conflict")


async def test_the_note_needs_the_version_it_replaces(editor: Someone) -> None:
    body = {"hand_over": "Six o'clock.", "duty": [{"name": "Eve", "role": "Politics"}]}
    assert (await editor.patch(DESK, json=body)).status_code == 428
    made = await editor.patch(DESK, json=body, headers={"if-match": '"r1"'})
    assert (made.status_code, made.headers["etag"]) == (200, '"r2"')
    assert made.json()["hand_over"]["text"] == "Six o'clock."
    assert made.json()["duty"] == body["duty"]
    late = await editor.patch(DESK, json={"duty": []}, headers={"if-match": '"r1"'})
    assert (late.status_code, late.headers["etag"]) == (412, '"r2"')
    assert late.json()["current"] == made.json()
    odd = await editor.patch(DESK, json={"handover": ""}, headers={"if-match": '"r2"'})
    assert odd.json()["errors"][0]["path"] == "handover"


async def test_a_bulk_tells_each_row_by_itself(editor: Someone) -> None:
    made = [
        (await editor.post(f"{B}/entries", json={"body": "x", "breaking": True})).json()
        for _ in range(2)
    ]
    rows = [{"id": made[0]["id"], "revision": 1}, {"id": made[1]["id"], "revision": 7}]
    answer = await editor.post(f"{DESK}/bulk", json={"action": "retract", "entries": rows})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    first, second = answer.json()["results"]
    assert (first["id"], first["status"], first["entry"]["state"]) == (
        made[0]["id"],
        200,
        "retracted",
    )
    assert (second["status"], second["problem"]["type"]) == (412, "urn:liveblog:problem:moved")
    assert second["problem"]["current"]["revision"] == 1
    history = await editor.get(f"{DESK}/entries/{made[0]['id']}/revisions")
    (only,) = history.json()["revisions"]
    assert (only["by"]["name"], only["text"], only["diff"]) == ("Ada", "x", None)


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("tag", {"action": "tag"}),
        ("tag", {"action": "retract", "tag": "x"}),
        ("note", {"action": "publish", "note": "x"}),
        ("entries", {"action": "publish", "entries": []}),
        ("action", {"action": "burn"}),
    ],
)
async def test_a_bulk_that_makes_no_sense(editor: Someone, path: str, more: Any) -> None:
    body = {"entries": [{"id": "0" * 26, "revision": 1}]} | more
    answer = await editor.post(f"{DESK}/bulk", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, path)


async def test_a_search_finds_parts_of_words_in_every_state(editor: Someone) -> None:
    for state in ("draft", "published"):
        body = {"body": "Прем’єр-міністр у Києві", "state": state, "breaking": True}
        await editor.post(f"{B}/entries", json=body)
    await editor.post(f"{B}/entries", json={"body": "Нічого", "state": "draft"})

    async def found(query: str, **more: str) -> list[str]:
        answer = await editor.get(f"{DESK}/entries", params={"q": query, **more})
        assert answer.status_code == 200
        return [entry["state"] for entry in answer.json()["entries"]]

    assert await found("прем'єр києв") == ["published", "draft"]
    assert await found("«у києві»", state="draft") == ["draft"]
    assert await found("києвом") == []
    assert len(await found(" ?")) == 3
    long = await editor.get(f"{DESK}/entries", params={"q": "x" * 201})
    assert (long.status_code, long.json()["errors"][0]["path"]) == (422, "q")


@pytest.mark.parametrize("name", ["author", "tag"])
async def test_a_filter_that_no_database_can_compare_is_refused(editor: Someone, name: str) -> None:
    answer = await editor.get(f"{DESK}/entries", params={name: "a\0"})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, name)
