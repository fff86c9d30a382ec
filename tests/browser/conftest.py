"""A browser for each test, and a page that keeps what its console and its policy said."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.stub import Stub, serving

# How long something is waited for says nothing about the page, on a machine with neighbours.
expect.set_options(timeout=20_000)

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """A Chromium of its own."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        await launched.close()


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    """The server that does what the test tells it."""
    async with serving(Stub()) as running:
        yield running


@pytest.fixture
def complaints() -> list[str]:
    """What the console of ``page`` said: errors, warnings and breaches of the policy."""
    return []


@pytest.fixture
async def page(stub: Stub, browser: Browser, complaints: list[str]) -> AsyncIterator[Page]:
    """A phone, closed before the server ends."""
    opened = await browser.new_page(viewport={"width": 390, "height": 700})
    keep(opened, complaints)
    yield opened
    await opened.close()


def keep(page: Page, complaints: list[str]) -> None:
    """Collects what the page's console says."""

    def said(message: Any) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    page.on("console", said)
    page.on("pageerror", lambda error: complaints.append(str(error)))
