"""An entry as an article of its own, its history, and what is left of it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from liveblog.actions import OPERATOR, Ask
from liveblog.model.entry import Entry, Media, Quote
from liveblog.types import Revision
from liveblog.wire.requests import EditNote, PatchEntry
from tests.kit import SLUG
from tests.served import Served, serving


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path) as one:
        await one.blog()
        yield one


async def revise(served: Served, entry: Entry, **fields: Any) -> Entry:
    ask = Ask(OPERATOR, match=entry.revision)
    outcome = await served.actions.entries.revise(SLUG, entry.id, PatchEntry(**fields), ask)
    assert isinstance(outcome.value, Entry)
    return outcome.value


def address(entry: Entry, more: str = "") -> str:
    return f"/blogs/{SLUG}/entries/{entry.id}{more}"


async def test_the_history_says_what_changed(served: Served) -> None:
    entry = await served.publish(headline="Two hurt", body="Two people were <b>hurt</b>.")
    note = EditNote("correction", "There were three.")
    entry = await revise(served, entry, body="Three people were hurt.", edit=note)
    page = await served.http.get(address(entry, "/history"))
    assert page.status_code == 200
    words = page.text.partition('<p class="words">')[2].partition("</p>")[0]
    assert re.sub("<span[^>]*>|</span>", "", words).replace("\n", " ") == (
        "Two hurt <del>Removed: Two </del><ins>Added: Three </ins>people were "
        "<del>Removed: &lt;b&gt;hurt&lt;/b&gt;.</del><ins>Added: hurt.</ins>"
    )
    assert "There were three." in page.text
    assert "<b>" not in page.text
    article = await served.http.get(address(entry))
    assert address(entry, "/history") in article.text
    again = await served.http.get(
        address(entry, "/history"), headers={"If-None-Match": page.headers["ETag"]}
    )
    assert again.status_code == 304


async def test_a_retracted_one_has_no_history(served: Served) -> None:
    entry = await served.publish(body="Secret words")
    entry = await revise(served, entry, body="Other words")
    await served.retract(entry)
    for more in ("", "/history"):
        gone = await served.http.get(address(entry, more))
        assert gone.status_code == 410
        assert "words" not in gone.text


async def test_a_withheld_version_is_in_nothing(served: Served) -> None:
    entry = await served.publish(body="A name that must go")
    entry = await revise(served, entry, body="Nobody is named")
    await served.store.inner.write(lambda tx: tx.withhold_revision(entry.id, 1))  # type: ignore[arg-type]
    page = await served.http.get(address(entry, "/history"))
    assert "A name" not in page.text
    assert "withheld" in page.text
    assert '<p class="words">Nobody is named</p>' in page.text, "compared with nothing"


async def test_it_leads_to_those_around_it(served: Served) -> None:
    before = await served.publish(headline="The one before")
    gone = await served.publish(headline="Withdrawn words")
    entry = await served.publish(headline="This one")
    tag = (await served.http.get(address(entry))).headers["ETag"]
    after = await served.publish(headline="The one after")
    await served.retract(gone)
    page = await served.http.get(address(entry))
    assert page.headers["ETag"] != tag
    assert address(before) in page.text
    assert address(after) in page.text
    assert "Withdrawn words" not in page.text
    assert f"/blogs/{SLUG}/pages/1#entry-{entry.id}" in page.text


async def test_nobody_else_sees_a_private_ones(served: Served) -> None:
    entry = await served.publish(body="Words for few")
    await served.revise_blog(visibility="private")
    for more in ("", "/history"):
        assert (await served.http.get(address(entry, more))).status_code in (401, 403, 404)


async def test_a_quote_and_a_caption_are_in_the_history(served: Served) -> None:
    first = Quote("We will not go.", "A minister")
    entry = await served.publish(kind="quote", quote=first)
    entry = await revise(served, entry, quote=Quote("We will go.", "A minister"))
    picture = Media("/one.jpg", "image/jpeg", caption="In Kyiv")
    entry = await revise(served, entry, media=(picture,))
    entry = await revise(served, entry, media=(replace(picture, url="/two.jpg"),))
    page = (await served.http.get(address(entry, "/history"))).text
    assert "Removed: </span>not </del>go." in page
    assert "Added: </span>In Kyiv" in page
    assert "The words are the same." in page


async def test_a_lesser_edit_does_not_repeat_the_correction(served: Served) -> None:
    entry = await served.publish(body="Two people were hurt.")
    note = EditNote("correction", "There were three.")
    entry = await revise(served, entry, body="Three people were hurt.", edit=note)
    entry = await revise(served, entry, body="Three people were hurt!", edit=EditNote("typo"))
    page = (await served.http.get(address(entry, "/history"))).text
    assert page.count("There were three.") == 1
    versions = re.findall(r"<h2>(\w+) ", page)
    assert versions == ["Edited", "Corrected", "Published"]


async def test_its_etag_follows_what_is_withheld(served: Served) -> None:
    entry = await served.publish(body="A name that must go")
    entry = await revise(served, entry, body="Nobody is named")
    page = await served.http.get(address(entry, "/history"))
    asked = {"If-None-Match": page.headers["ETag"]}
    await served.actions.entries.withhold(SLUG, entry.id, Revision(1), Ask(OPERATOR))
    again = await served.http.get(address(entry, "/history"), headers=asked)
    assert again.status_code == 200
    assert "A name" not in again.text
