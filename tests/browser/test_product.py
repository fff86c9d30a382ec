"""The page in a browser against `liveblog serve`, as a reader has it."""

import asyncio
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import keep

pytestmark = pytest.mark.needs("chromium")
LIVEBLOG = [sys.executable, "-m", "liveblog.cli"]


class Served:
    """`liveblog serve` in a folder of its own, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self._environment = {
            **os.environ,
            "LIVEBLOG_DATA_DIR": str(folder),
            "LIVEBLOG_PORT": str(port),
        }
        self._log = folder.parent / "serve.log"
        self._token = ""
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Starts it and waits until it says that it is live."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *LIVEBLOG,
                "serve",
                env=self._environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        async with asyncio.timeout(60):
            while line := await self._process.stdout.readline():
                if b"is live at" in line:
                    return
        raise AssertionError(self._log.read_text()[-4000:])

    async def kill(self) -> None:
        """As a power cut does it; its children see it end."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        if self._process is not None:
            await self._process.wait()

    async def command(self, *arguments: str) -> str:
        """What a command prints."""
        process = await asyncio.create_subprocess_exec(
            *LIVEBLOG, *arguments, env=self._environment, stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await process.communicate()
        assert process.returncode == 0
        return printed.decode().strip()

    async def prepare(self) -> None:
        """A public blog, and a token to write to it."""
        await self.command("blog", "create", "day", "--title", "The day", "--visibility", "public")
        self._token = await self.command("token", "create", "desk", "--scope", "write")

    async def write(self, method: str, path: str, match: str = "", **body: Any) -> dict[str, Any]:
        """A write through the API; gives the subject."""
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Idempotency-Key": secrets.token_hex(8),
        }
        if match:
            headers["If-Match"] = match
        async with httpx2.AsyncClient(base_url=f"{self.address}/api/v1/blogs/day") as client:
            answer = await client.request(method, path, json=body, headers=headers)
            assert answer.status_code < 300, answer.text
            subject: dict[str, Any] = answer.json()
            return subject

    async def post(self, body: str, **fields: Any) -> dict[str, Any]:
        """Publishes an entry."""
        return await self.write("POST", "/entries", body=body, **fields)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """A running server with a blog."""
    with tempfile.TemporaryDirectory(prefix="lb-", ignore_cleanup_errors=True) as folder:
        server = Served(Path(folder) / "data")
        try:
            await server.start()
            await server.prepare()
            yield server
        finally:
            await server.kill()


@pytest.fixture
async def reader(served: Served, browser: Browser, complaints: list[str]) -> AsyncIterator[Page]:
    """The open live page of a phone, connected."""
    await served.post("The first words of the day.")
    page = await browser.new_page(viewport={"width": 390, "height": 700})
    keep(page, complaints)
    await page.goto(f"{served.address}/blogs/day")
    await connected(page)
    yield page
    await page.close()


async def connected(page: Page) -> None:
    """The page says that it is live."""
    live = page.locator("#live")
    await expect(live).to_have_attribute("data-connection", "live", timeout=40_000)


async def test_posted_edited_removed(served: Served, reader: Page, complaints: list[str]) -> None:
    entry = await served.post("It has begun.", headline="A beginning", key=True)
    path, article = f"/entries/{entry['id']}", reader.locator(f"#entry-{entry['id']}")
    await expect(article).to_contain_text("It has begun.")
    await expect(reader.locator("#day li")).to_have_text("A beginning")
    link = reader.locator("#day li a")
    await expect(link).to_have_attribute("href", f"#entry-{entry['id']}")
    edited = await served.write(
        "PATCH",
        path,
        f'"r{entry["revision"]}"',
        body="It began at noon.",
        edit={"kind": "correction", "note": "The hour was missing."},
    )
    await expect(article).to_contain_text("It began at noon.")
    await expect(article).to_contain_text("The hour was missing.")
    match = f'"r{edited["revision"]}"'
    await served.write("POST", f"{path}/retract", match, note="It was a test.")
    await expect(article).to_contain_text("This entry was removed")
    await expect(article).to_contain_text("It was a test.")
    await expect(reader.locator("#day .day")).to_be_hidden()
    await expect(reader.locator("#feed > li:has(article)")).to_have_count(2)
    assert complaints == []


async def test_it_catches_up_when_the_server_was_killed(served: Served, reader: Page) -> None:
    before = await served.post("Before the cut.")
    await expect(reader.locator(f"#entry-{before['id']}")).to_be_visible()
    await served.kill()
    await expect(reader.locator("#mark")).to_have_text("Reconnecting…")
    await served.start()
    after = [await served.post(f"After the cut, {n}.") for n in range(3)]
    for entry in after:
        await expect(reader.locator(f"#entry-{entry['id']}")).to_have_count(1, timeout=40_000)
    await connected(reader)
    texts = await reader.locator("#feed article .body").all_inner_texts()
    expected = [f"After the cut, {n}." for n in (2, 1, 0)]
    assert texts == [*expected, "Before the cut.", "The first words of the day."]


async def test_all_is_there_without_a_script(served: Served, browser: Browser) -> None:
    entries = [await served.post(f"Number {n}.") for n in range(22)]
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{served.address}/blogs/day")
    await expect(page.locator("#feed > li:has(article)")).to_have_count(20)
    await expect(page.locator("#updated")).to_contain_text("UTC")
    await expect(page.get_by_role("link", name="Reload")).to_be_visible()
    await page.get_by_role("link", name="Older updates").click()
    await expect(page.locator(f"#entry-{entries[0]['id']}")).to_contain_text("Number 0.")
    await page.locator(f"#entry-{entries[0]['id']} a[rel=bookmark]").click()
    await expect(page).to_have_url(f"{served.address}/blogs/day/entries/{entries[0]['id']}")
    await expect(page.locator("article")).to_contain_text("Number 0.")
    await page.get_by_role("link", name="In the live page").click()
    await expect(page.locator(f"#entry-{entries[0]['id']}")).to_be_in_viewport()
    await context.close()
