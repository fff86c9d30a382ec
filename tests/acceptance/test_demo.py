"""``liveblog demo`` as one would start it: it shows the story, moves, and leaves nothing."""

import asyncio
import html
import json
import re
import signal
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from liveblog.client import Change, follow, post, snapshot
from liveblog.demo.seed import CARDS_SLUG, KEY, SLUG
from tests.acceptance.processes import (
    Running,
    alive,
    children_of,
    environment,
    running,
    wait_until,
)

DEADLINE = 60.0


class Demo(Running):
    """A demonstration that has said where it is."""

    url = ""
    email = password = token = ""

    def ready(self) -> "Demo":
        self.url = self.wait_for("The live page").split()[-1].removesuffix(f"/blogs/{SLUG}")
        *_, self.email, self.password = self.wait_for("to sign in").split()
        self.token = self.wait_for("A write token").split()[-1]
        return self

    def sign_in(self) -> int:
        """The status of a sign-in with what it said."""
        body = json.dumps({"email": self.email, "password": self.password}).encode()
        with urllib.request.urlopen(f"{self.url}/api/v1/session", body, timeout=10) as answer:
            status: int = answer.status
            return status

    def page(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=DEADLINE) as answer:
            assert answer.status == 200
            text: str = answer.read().decode()
            return text


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder in which both the data and what stands in for it may have a socket."""
    with TemporaryDirectory(prefix="lb-") as folder:
        yield Path(folder)


@contextmanager
def demo(folder: Path, *options: str, **env: str) -> Iterator[Demo]:
    """A demonstration whose temporary folders lie below ``folder``."""
    command = [sys.executable, "-m", "liveblog.cli", "demo", "--pace", "0.1", *options]
    process = Demo(command, environment(TMPDIR=str(folder), **env))
    try:
        yield process.ready()
    finally:
        process.close()


def family(pid: int) -> set[int]:
    """A process's children, and theirs."""
    found = set(children_of(pid))
    return found.union(*map(family, found)) if found else found


async def types_of(url: str, wanted: int) -> set[str]:
    """The types of changes that a reader sees, until there are so many."""
    cursor = (await snapshot(url, SLUG))["cursor"]
    seen: set[str] = set()
    async with asyncio.timeout(DEADLINE), aclosing(follow(url, SLUG, cursor)) as items:
        async for item in items:
            assert isinstance(item, Change)
            seen.add(item.type)
            if len(seen) >= wanted:
                break
    return seen


def test_it_shows_the_story_moves_and_leaves_nothing(short: Path) -> None:
    # Settings of a real server are not touched, wherever the demonstration is started.
    with demo(short, "--port", "0", LIVEBLOG_DATA_DIR="/nowhere") as process:
        page = html.unescape(process.page(f"/blogs/{SLUG}"))
        roll_up = page[page.index("Key developments on July 23") :]
        places = [roll_up.index(entry["headline"]) for entry in KEY]
        assert places == sorted(places)
        assert "Demonstration" in page
        assert "noindex" in page
        assert "2 min read" in page
        cards = process.page(f"/blogs/{CARDS_SLUG}")
        for drawing in set(re.findall(r"/static/demo/[\w-]+\.svg", page + cards)):
            assert process.page(drawing).startswith("<svg")
        assert asyncio.run(types_of(process.url, 3)) <= {
            "entry.published",
            "entry.revised",
            "entry.retracted",
            "blog.revised",
        }
        mine = asyncio.run(post(process.url, SLUG, process.token, {"body": "From a visitor."}))
        assert mine["state"] == "published"
        assert process.sign_in() == 201
        started = family(process.process.pid)
        assert len(started) >= 4
        process.signal(signal.SIGINT)
        assert process.process.wait(DEADLINE) == 0
        wait_until(lambda: not any(map(alive, started)), "all its processes are gone")
    assert not list(short.iterdir())


def test_a_folder_that_was_named_is_kept_and_gone_on_with(short: Path) -> None:
    folder = short / "kept"
    for _ in range(2):
        with demo(short, "--port", "0", "--data-dir", str(folder)) as process:
            day = process.page(f"/blogs/{SLUG}/days/2025-07-23")
            assert day.count("Russia opens its local elections") <= 2  # headline and title
            assert len(re.findall(r"<article", day)) == 7
            assert process.sign_in() == 201
            process.signal(signal.SIGTERM)
            assert process.process.wait(DEADLINE) == 0
    assert (folder / "liveblog.db").exists()


def test_a_port_that_was_asked_for_is_not_replaced(short: Path) -> None:
    with demo(short, "--port", "0") as first:
        port = first.url.rpartition(":")[2]
        command = [sys.executable, "-m", "liveblog.cli", "demo", "--port", port]
        with running(command, environment(TMPDIR=str(short))) as second:
            assert second.process.wait(DEADLINE) == 2
            assert f"Port {port}" in second.wait_for("in use")
