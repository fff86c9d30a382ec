"""A real `liveblog serve`, killed while an editor types: it starts again, and every word is there
once."""

import asyncio
import subprocess
import sys
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.acceptance.processes import Serving, environment, serving
from tests.browser.studio import kept, saved, sent, text
from tests.kit import SLUG
from tests.people import PASSWORD

pytestmark = pytest.mark.needs("chromium")
EMAIL = "ada@n.example"


def run(folder: Path, *arguments: str, given: str = "") -> None:
    """A command beside the server."""
    command = [sys.executable, "-m", "liveblog.cli", *arguments]
    env = environment(LIVEBLOG_DATA_DIR=str(folder))
    subprocess.run(command, env=env, input=given, text=True, check=True, timeout=60)


def start(folder: Path, port: str = "0") -> Any:
    """A server that publishes at once, on a port."""
    return serving(folder, LIVEBLOG_PORT=port, LIVEBLOG_UNDO_SECONDS="0")


def newsroom(folder: Path) -> None:
    """A blog, and somebody who edits it."""
    run(folder, "blog", "create", SLUG, "--title", "War", "--visibility", "public")
    person = ("user", "create", EMAIL, "--name", "Ada", "--role", "editor", "--blog", SLUG)
    run(folder, *person, "--password-stdin", given=PASSWORD)


async def signed_in(browser: Browser, server: Serving) -> Page:
    """Somebody who signed in at the desk."""
    page = await (await browser.new_context()).new_page()
    await page.goto(f"{server.address}studio/{SLUG}")
    await page.get_by_label("E-mail address").fill(EMAIL)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(text(page)).to_be_focused()
    return page


async def test_a_server_is_killed_while_an_editor_types(tmp_path: Path, browser: Browser) -> None:
    with start(tmp_path) as first:
        port = first.address.rstrip("/").rpartition(":")[2]
        await asyncio.to_thread(newsroom, tmp_path)
        page = await signed_in(browser, first)
        await page.keyboard.type("Before the fall. ")
        await saved(page)
        await page.keyboard.type("In the fall. ")
        first.signal(SIGKILL)
        await page.keyboard.type("After it. ")
        await expect(page.get_by_text("No connection to the server.")).to_be_visible()
        await expect(page.locator(".kept")).to_have_text("Kept in this browser")
        await page.keyboard.press("Control+Enter")
        await page.keyboard.type("And the next one.")
    with start(tmp_path, port):
        words = "Before the fall. In the fall. After it."
        await expect(sent(page).get_by_text(f"Published: {words}")).to_be_visible(timeout=40_000)
        await saved(page)
        found = {e["body"].strip(): e["state"] for e in await kept(page)}
        assert found == {words: "published", "And the next one.": "draft"}
        await page.context.close()
