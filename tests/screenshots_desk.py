"""``python -m tests.screenshots_desk``: takes the pictures of the desk in ``docs`` anew. Look at
them afterwards. They show the demonstration's content, and two people who work on it."""

import asyncio
import os
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from playwright.async_api import async_playwright, expect

from liveblog.demo import seed
from liveblog.model.entry import Entry
from liveblog.wire.requests import NewEntry
from tests.browser.newsroom import Colleague, Newsroom, newsroom
from tests.browser.studio import saved, text
from tests.kit import SLUG
from tests.screenshots import DESKTOP, DOCS, PHONE
from tests.valkey import ValkeyProcess

LIVE = '[data-connection="live"]'


async def fill(room: Newsroom, ana: Colleague) -> Entry:
    """A day of the demonstration, as if it were today; the newest entry."""
    who = await room.principal(ana)
    for content in (*seed.KEY[:3], seed.LONG):
        told = {k: v for k, v in content.items() if k != "published_at"}
        new = msgspec.convert(told, NewEntry)
        await room.entry(who, **msgspec.structs.asdict(new))
    await room.entry(who, body="Call the ministry before noon.", state="draft")
    await room.entry(who, body="From a reader in Kharkiv.", state="submitted")
    later = datetime.now(UTC) + timedelta(minutes=42)
    await room.entry(who, headline="The report is out", publish_at=later, embargo=True)
    return await room.entry(
        who,
        headline="Talks begin in Istanbul",
        body="The delegations met shortly after three.\n\nTwo questions are on the table.",
        key=True,
    )


async def write(one: Colleague) -> None:
    """What is being written: with a tag, a byline, and how readers will see it."""
    await one.page.get_by_role("textbox", name="Headline").fill("Second round tomorrow")
    await text(one.page).fill(
        "Both sides **agreed** to meet again at ten, [Reuters](https://www.reuters.com) says."
    )
    await one.page.get_by_role("combobox", name="Bylines").fill("Ana Lind")
    await one.page.get_by_role("combobox", name="Tags").fill("Istanbul")
    await text(one.page).focus()
    preview = one.page.frame_locator("iframe[title=Preview]")
    await expect(preview.locator(".tags")).to_contain_text("Istanbul")
    await saved(one.page)


async def take(room: Newsroom) -> None:
    """The pictures: the desk, an entry that two people changed, the desk on a phone."""
    ana = await room.colleague("Ana", width=DESKTOP["width"])
    ben = await room.colleague("Ben", width=DESKTOP["width"], scheme="dark")
    reader = await ana.context.new_page()
    await reader.goto(f"{room.served.url}/blogs/{SLUG}")
    await expect(reader.locator(LIVE)).to_be_attached()
    entry = await fill(room, ana)
    form = await ben.edit(entry)
    await form.get_by_label("Text", exact=True).fill(
        "The delegations met shortly after four.\n\nTwo questions are on the table."
    )
    await expect(ana.row(entry)).to_contain_text("Ben is working on this entry")
    await expect(ana.row(entry).locator(".receipt")).to_be_visible(timeout=20_000)
    await write(ana)
    await ana.page.screenshot(path=DOCS / "screenshot-desk.png")
    await room.change(
        entry, ana, body="The delegations met at half past three.\n\nTwo questions are open."
    )
    await form.get_by_role("button", name="Save").click()
    conflict = ben.row(entry).locator(".conflict")
    await expect(conflict).to_be_visible()
    await conflict.screenshot(path=DOCS / "screenshot-conflict.png")
    eva = await room.colleague("Eva", width=DESKTOP["width"], scheme="dark")
    await write(eva)
    await eva.page.screenshot(path=DOCS / "screenshot-desk-dark.png")
    zoe = await room.colleague("Zoe", width=PHONE["width"])
    await expect(zoe.row(entry)).to_be_visible()
    await zoe.row(entry).scroll_into_view_if_needed()
    await zoe.page.screenshot(path=DOCS / "screenshot-desk-phone.png")


async def main() -> None:
    """Takes them."""
    chromium = os.environ.get("LIVEBLOG_CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as name:
        valkey = ValkeyProcess(Path(name))
        valkey.start()
        try:
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(
                    executable_path=chromium, args=["--no-sandbox"]
                )
                title = str(seed.BLOG["title"])
                async with newsroom(Path(name), valkey, browser, title=title) as room:
                    await take(room)
                await browser.close()
        finally:
            valkey.kill()


if __name__ == "__main__":
    asyncio.run(main())
