"""An entry as an article of its own, its history, and what is left of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from liveblog.actions import OPERATOR, Ask
from liveblog.model.entry import Entry
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
    assert "<del>Two </del><ins>Three </ins>people were" in page.text
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
    assert "Nobody is named" in page.text


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
