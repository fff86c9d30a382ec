"""A newsroom of real processes: `liveblog web` twice, one Valkey, one database.

A web process keeps its port over restarts, so that its readers find it again. All of them are
ended by their id, and when pytest itself is killed the kernel ends them.
"""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from liveblog.actions import open_actions
from liveblog.config import Settings, prepare_folder
from liveblog.store import migrate
from liveblog.wire.requests import NewBlog
from tests.acceptance.processes import ROOT, environment
from tests.kit import SLUG
from tests.valkey import ValkeyProcess

Data = dict[str, Any]

WITHIN = 60.0
"""Seconds after which a test gives up waiting; nothing is measured by it."""

# A process of its own that becomes the one wanted: code between fork and exec is unsafe
# once pytest has a thread. The kernel then ends it when we are gone, whatever ended us.
_WITH_PARENT = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, int(signal.SIGKILL), 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    sys.exit("The parent is gone.")
os.execv(sys.argv[2], sys.argv[2:])
"""


def with_parent(*command: str) -> list[str]:
    """A command whose process ends with ours; from the main thread, whose end the kernel takes
    for the parent's."""
    return [sys.executable, "-I", "-S", "-c", _WITH_PARENT, str(os.getpid()), *command]


async def until(true: Callable[[], object], what: Callable[[], object] | str) -> None:
    """Wait until something is true that several tasks bring about."""
    deadline = time.monotonic() + WITHIN
    while not true():
        told = what if isinstance(what, str) else what()
        assert time.monotonic() < deadline, f"waited {WITHIN:g} s for: {told}"
        await asyncio.sleep(0.005)


def free_port() -> int:
    """A port that stays free while its process is dead: below those that the kernel gives to
    outgoing connections. A reader that knocks at a dead port could be given that very port
    as its own, and then talks to itself where the process wants to listen again."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


class Web:
    """One `liveblog web`."""

    def __init__(self, name: str, env: dict[str, str], log: Path) -> None:
        self.name = name
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.address}"
        self.http = httpx2.AsyncClient(
            base_url=self.url, timeout=30.0, limits=httpx2.Limits(max_keepalive_connections=20)
        )
        self.log = log
        self.kills = 0
        self._env = env | {"LIVEBLOG_PORT": str(self.port)}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        """Whether there is a process (that may not be ready yet)."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it; from the main thread."""
        assert self._process is None
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                with_parent(sys.executable, "-m", "liveblog.cli", "web"),
                env=self._env,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def ready(self) -> Data:
        """Wait until it may have traffic; what /readyz says."""
        deadline = time.monotonic() + WITHIN
        while True:
            assert self.alive, f"{self.name} ended:\n{self.log.read_text()[-4000:]}"
            assert time.monotonic() < deadline, f"{self.name} is not ready"
            try:
                answer = await self.http.get("/readyz")
            except httpx2.TransportError:
                pass
            else:
                if answer.status_code == 200:
                    found: Data = answer.json()
                    return found
            await asyncio.sleep(0.02)

    async def degraded(self, *names: str) -> None:
        """Wait until it says that exactly these paths do not work."""
        deadline = time.monotonic() + WITHIN
        while (found := (await self.ready())["degraded"]) != list(names):
            assert time.monotonic() < deadline, f"{self.name} says {found}"
            await asyncio.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone. Safe to call twice."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None
            self.kills += 1

    # What every reader may ask ------------------------------------------------------------

    async def json(self, path: str, **query: Any) -> Data:
        """A GET below the blog that is answered 200."""
        answer = await self.http.get(f"/api/v1/blogs/{SLUG}/{path}", params=query)
        found: Data = answer.raise_for_status().json()
        return found

    async def all_entries(self) -> list[Data]:
        """Every entry, newest first, by paging to the end."""
        found: list[Data] = []
        page = await self.json("entries", limit=100)
        while True:
            found += page["entries"]
            if page["next"] is None:
                return found
            page = await self.json("entries", limit=100, before=page["next"])


class Newsroom:
    """Two web processes, their Valkey, and a token to write with."""

    def __init__(
        self, webs: list[Web], valkey: ValkeyProcess, token: str, env: dict[str, str]
    ) -> None:
        self.webs = webs
        self.env = env
        """Of every process of it."""
        self.valkey = valkey
        self._authorization = {"Authorization": f"Bearer {token}"}

    async def write(
        self,
        web: Web,
        path: str,
        body: Data,
        *,
        method: str = "POST",
        key: str | None = None,
        match: int | None = None,
    ) -> httpx2.Response:
        """One request to one process, whatever it answers."""
        headers = dict(self._authorization)
        if key is not None:
            headers["Idempotency-Key"] = key
        if match is not None:
            headers["If-Match"] = f'"r{match}"'
        return await web.http.request(
            method, f"/api/v1/blogs/{SLUG}/{path}", json=body, headers=headers
        )

    async def post(self, web: Web, body: Data) -> Data:
        """An entry, published."""
        answer = await self.write(web, "entries", body)
        assert answer.status_code == 201, answer.text
        made: Data = answer.json()
        return made


@asynccontextmanager
async def newsroom(
    folder: Path, valkey: ValkeyProcess, database_url: str = ""
) -> AsyncIterator[Newsroom]:
    """Two web processes that are ready, over a blog without entries.

    :param database_url: an empty database; SQLite in the folder where none is given.
    """
    settings = Settings(data_dir=folder, redis_url=valkey.url, database_url=database_url)
    prepare_folder(settings)
    await asyncio.to_thread(migrate, settings.store_url)
    async with open_actions(settings) as actions:
        await actions.create_blog(NewBlog(slug=SLUG, title="War", visibility="public"))
        token = await actions.create_token("acceptance", "write")
    env = environment() | settings.to_env()
    webs = [Web(name, env, folder / f"web-{name}.log") for name in "AB"]
    try:
        for web in webs:
            web.start()
        for web in webs:
            await web.ready()
            await web.degraded()
        yield Newsroom(webs, valkey, token, env)
    finally:
        for web in webs:
            web.kill()
            await web.http.aclose()
