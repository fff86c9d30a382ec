"""The desk for tests: a server, people, and a page of the desk that a person has opened."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from liveblog.model.people import Role
from tests.browser.conftest import keep
from tests.kit import SLUG
from tests.people import enter, person, session
from tests.served import Served

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

PASTE = """([text, images]) => {
  const clipboardData = new DataTransfer();
  if (text) clipboardData.setData("text/plain", text);
  for (const [name, base64] of images) {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    clipboardData.items.add(new File([bytes], name, { type: "image/jpeg" }));
  }
  const made = { clipboardData, bubbles: true, cancelable: true };
  return document.querySelector("#text").dispatchEvent(new ClipboardEvent("paste", made));
}"""
"""Pastes a text and pictures (name, base64) into the text; whether the browser is to do it."""


@asynccontextmanager
async def desk(
    served: Served,
    browser: Browser,
    complaints: list[str],
    role: Role = "editor",
    *,
    name: str = "Ada",
    place: str = "",
    script: str = "",
    **context: Any,
) -> AsyncIterator[Page]:
    """A page of the blog's desk, opened by somebody new who has this role on the blog.

    :param script: runs before those of the page, in every window.
    """
    who = await person(served.actions, role, SLUG, name=name)
    opened: BrowserContext = await browser.new_context(**{"viewport": DESKTOP, **context})
    await enter(opened, served.url, await session(served.actions, who))
    if script:
        await opened.add_init_script(script)
    page = await opened.new_page()
    keep(page, complaints)
    await page.goto(f"{served.url}/studio/{SLUG}#/{place}")
    if not place:
        await expect(text(page)).to_be_focused()
    yield page
    await opened.close()


def text(page: Page) -> Locator:
    """Where the text is written."""
    return page.get_by_role("textbox", name="Text", exact=True)


def sent(page: Page) -> Locator:
    """What left the composer, and what became of it."""
    return page.get_by_role("list", name="Sent")


async def public(served: Served) -> list[dict[str, Any]]:
    """What readers get, newest first."""
    answer = await served.http.get(f"/api/v1/blogs/{SLUG}/entries")
    found: list[dict[str, Any]] = answer.raise_for_status().json()["entries"]
    return found


async def kept(page: Page, state: str = "") -> list[dict[str, Any]]:
    """What the desk keeps, newest first, as whoever opened the page may see it."""
    answer = await page.request.get(
        f"{origin(page)}/api/v1/blogs/{SLUG}/desk/entries?state={state}"
    )
    found: list[dict[str, Any]] = (await answer.json())["entries"]
    return found


def origin(page: Page) -> str:
    """Where the page comes from."""
    parts = urlsplit(page.url)
    return f"{parts.scheme}://{parts.netloc}"


async def saved(page: Page) -> None:
    """Wait until the server has every word of the composer."""
    await expect(page.locator(".kept")).to_have_text("Saved")
