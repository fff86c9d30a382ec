"""A real nginx before a real `serve`, set up as docs/operations.md says: the very text of its
example is run, with other ports and a certificate of the test's own.

Readers come from addresses of the loopback's network, which nginx passes on.
"""

import asyncio
import gzip
import re
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
import trustme
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from liveblog.actions import open_actions
from liveblog.config import Settings
from liveblog.wire.requests import NewBlog
from tests.acceptance.processes import ROOT, Running, environment, running, serving
from tests.acceptance.webs import WITHIN, free_port, with_parent
from tests.harness import find_nginx
from tests.kit import SLUG

pytestmark = [pytest.mark.needs("nginx"), pytest.mark.asyncio(loop_scope="module")]

BLOG = f"/api/v1/blogs/{SLUG}"
PUBLIC = "https://news.example"
SHARE = 3
"""Readers an address may have, and the process twice as many."""
SETTINGS = {
    "LIVEBLOG_TRUSTED_PROXIES": "127.0.0.1",
    "LIVEBLOG_PUBLIC_URL": PUBLIC,
    "LIVEBLOG_MAX_READERS_PER_ADDRESS": str(SHARE),
    "LIVEBLOG_MAX_READERS": str(2 * SHARE),
}

AROUND = """
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""


def example(**instead: str) -> str:
    """The example of the document, with something else for what only an operator has."""
    text = (ROOT / "docs" / "operations.md").read_text()
    found = re.search(r"^## Behind nginx\n[^#]*?```nginx\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    assert found is not None, "docs/operations.md has no example for nginx"
    site = found[1]
    for name, old in (
        ("listen", "listen 443 ssl http2;"),
        ("upstream", "127.0.0.1:8000;"),
        ("certificate", "/etc/ssl/news.example.pem"),
        ("key", "/etc/ssl/news.example.key"),
    ):
        assert site.count(old) == 1, f"{old!r} is to stand once in the example"
        site = site.replace(old, instead[name])
    return site


@contextmanager
def nginx(folder: Path, port: int, upstream: str, ca: trustme.CA) -> Iterator[Running]:
    """An nginx, in the foreground and in one process."""
    path = find_nginx()
    assert path is not None
    certificate = ca.issue_cert("news.example", "127.0.0.1")
    for number, blob in enumerate(certificate.cert_chain_pems):
        blob.write_to_path(str(folder / "pem"), append=number > 0)
    certificate.private_key_pem.write_to_path(str(folder / "key"))
    site = example(
        listen=f"listen 127.0.0.1:{port} ssl http2;",
        upstream=f"{upstream};",
        certificate=str(folder / "pem"),
        key=str(folder / "key"),
    )
    conf = folder / "nginx.conf"
    conf.write_text(AROUND.format(folder=folder, site=site))
    with running(with_parent(path, "-p", str(folder), "-c", str(conf)), environment()) as process:
        yield process


class Site:
    """What readers see."""

    def __init__(self, address: str, direct: str, trust: ssl.SSLContext, token: str) -> None:
        self.address = address
        self.direct = direct
        self.trust = trust
        self._token = token

    def http(self, source: str = "127.0.0.1") -> httpx2.AsyncClient:
        """A client at an address."""
        transport = httpx2.AsyncHTTPTransport(local_address=source, verify=self.trust)
        return httpx2.AsyncClient(
            transport=transport, base_url=f"https://{self.address}", timeout=WITHIN
        )

    def socket(self, source: str, **headers: str) -> connect:
        """A WebSocket from an address."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return connect(
            f"wss://{self.address}{BLOG}/live",
            ssl=self.trust,
            local_addr=(source, 0),
            additional_headers=named,
            proxy=None,
            open_timeout=WITHIN,
        )

    async def refused(self, source: str, **headers: str) -> tuple[int, int]:
        """The status a WebSocket is refused with, and the seconds after which to come again."""
        with pytest.raises(InvalidStatus) as caught:
            async with self.socket(source, **headers):
                pass
        answer = caught.value.response
        return answer.status_code, int(answer.headers["Retry-After"])

    async def publish(self, body: str) -> str:
        """An entry's id."""
        headers = {"Authorization": f"Bearer {self._token}"}
        async with self.http() as http:
            answer = await http.post(f"{BLOG}/entries", json={"body": body}, headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def cursor(self) -> str:
        """That of now."""
        async with self.http() as http:
            answer = await http.get(f"{BLOG}/snapshot")
        return str(answer.raise_for_status().json()["cursor"])

    async def empty(self) -> None:
        """Wait until nobody reads."""
        async with httpx2.AsyncClient(base_url=self.direct) as http, asyncio.timeout(WITHIN):
            while (await http.get("readyz")).json()["readers"]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """nginx and serve, with a blog of one entry."""
    data, folder = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("nginx")
    ca, trust, port = trustme.CA(), ssl.create_default_context(), free_port()
    ca.configure_trust(trust)
    with ExitStack() as stack:
        server = stack.enter_context(serving(data, **SETTINGS))
        upstream = server.address.removeprefix("http://").rstrip("/")
        proxy = stack.enter_context(nginx(folder, port, upstream, ca))
        async with open_actions(Settings(data_dir=data)) as actions:
            await actions.create_blog(NewBlog(slug=SLUG, title="War", visibility="public"))
            token = await actions.create_token("acceptance", "write")
        found = Site(f"127.0.0.1:{port}", server.address, trust, token)
        await until_answers(found, proxy)
        await found.publish("The first words")
        yield found


async def until_answers(site: Site, proxy: Running) -> None:
    """Wait until nginx listens."""
    async with site.http() as http, asyncio.timeout(WITHIN):
        while True:
            assert proxy.process.poll() is None, "nginx has ended"
            try:
                assert (await http.get("/readyz")).status_code == 200
            except httpx2.ConnectError:
                await asyncio.sleep(0.01)
            else:
                return


class Readers:
    """One reader of each kind at one address."""

    def __init__(self, site: Site, source: str, cursor: str, stack: AsyncExitStack) -> None:
        self.source = source
        self._site = site
        self._cursor = cursor
        self._stack = stack

    async def come(self) -> None:
        """All three are inside: whoever asks next finds no room."""
        self.http = await self._stack.enter_async_context(self._site.http(self.source))
        self._socket = await self._stack.enter_async_context(self._site.socket(self.source))
        assert '"hello"' in str(await self._socket.recv())
        events = await self._stack.enter_async_context(self.http.stream("GET", f"{BLOG}/stream"))
        assert events.headers["Content-Type"].startswith("text/event-stream")
        self._lines = events.aiter_lines()
        await self.line('"hello"')
        self._poll = asyncio.create_task(self.poll(30))
        self._stack.callback(self._poll.cancel)
        # One that does not wait takes nobody's place.
        async with asyncio.timeout(WITHIN):
            while (await self.poll(0)).status_code == 200:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def poll(self, seconds: int) -> httpx2.Response:
        """Ask what is new."""
        query = {"after": self._cursor, "wait": str(seconds)}
        return await self.http.get(f"{BLOG}/changes", params=query)

    async def line(self, part: str) -> None:
        """Read events up to one with this in it."""
        async with asyncio.timeout(WITHIN):
            while part not in await anext(self._lines):
                pass

    async def hear(self, entry: str) -> None:
        """Each is told of this entry."""
        async with asyncio.timeout(WITHIN):
            await hear(self._socket, entry)
            await self.line(entry)
            assert entry in (await self._poll).raise_for_status().text


async def hear(socket: ClientConnection, entry: str) -> None:
    """Read up to this entry."""
    async with asyncio.timeout(WITHIN):
        while entry not in str(await socket.recv()):
            pass


@asynccontextmanager
async def readers(site: Site, *sources: str) -> AsyncIterator[list[Readers]]:
    """One of each kind at each of these addresses, but only in as far as a test lets them come."""
    await site.empty()
    cursor = await site.cursor()
    async with AsyncExitStack() as stack:
        yield [Readers(site, source, cursor, stack) for source in sources]
    await site.empty()


async def test_readers_are_told_apart_and_all_are_served(site: Site) -> None:
    async with readers(site, "127.0.0.2", "127.0.0.3") as (first, second):
        await first.come()
        # It has its share,
        status, after = await site.refused(first.source)
        assert (status, after > 0) == (429, True)
        poll = await first.poll(1)
        assert (poll.status_code, int(poll.headers["Retry-After"]) > 0) == (429, True)
        assert poll.json()["type"] == "urn:liveblog:problem:too-many"
        events = await first.http.get(f"{BLOG}/stream")
        assert (events.status_code, '"overload"' in events.text) == (200, True)
        # another has one of its own,
        await second.come()
        # and then the house is full for everybody.
        status, after = await site.refused("127.0.0.4")
        assert (status, after > 0) == (503, True)
        async with site.http("127.0.0.4") as http:
            poll = await http.get(f"{BLOG}/changes", params={"after": await site.cursor()})
            assert (poll.status_code, int(poll.headers["Retry-After"]) > 0) == (503, True)
        entry = await site.publish("Words for all")
        await first.hear(entry)
        await second.hear(entry)
        # Who has gone has left room.
        async with site.socket("127.0.0.4") as third:
            assert '"hello"' in str(await third.recv())


async def test_who_forges_an_address_is_not_believed(site: Site) -> None:
    forged = ("192.0.2.1", "127.0.0.6", "127.0.0.1", "192.0.2.9, 127.0.0.1")
    async with readers(site), AsyncExitStack() as stack:
        for address in forged[:SHARE]:
            told = {"X_Forwarded_For": address}
            await stack.enter_async_context(site.socket("127.0.0.5", **told))
        for address in forged:
            assert (await site.refused("127.0.0.5", X_Forwarded_For=address))[0] == 429
        # Whose address it gave has its whole share.
        for _ in range(SHARE):
            await stack.enter_async_context(site.socket("127.0.0.6"))


async def test_a_page_comes_as_it_is_and_not_twice(site: Site) -> None:
    async with site.http() as http:
        plain = await http.get(f"/blogs/{SLUG}", headers={"Accept-Encoding": "identity"})
        assert plain.status_code == 200
        assert "The first words" in plain.text
        assert f'"{PUBLIC}/blogs/{SLUG}"' in plain.text, "addresses are the public ones"
        async with http.stream(
            "GET", f"/blogs/{SLUG}", headers={"Accept-Encoding": "gzip"}
        ) as packed:
            raw = b"".join([part async for part in packed.aiter_raw()])
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert gzip.decompress(raw) == plain.content
        for answer in (plain, packed):
            known = {"If-None-Match": answer.headers["ETag"]}
            again = await http.get(f"/blogs/{SLUG}", headers=known)
            assert (again.status_code, again.content) == (304, b"")


async def test_browsers_may_speak_http_2(site: Site) -> None:
    """Without it a browser opens six event streams of a host, and no more."""
    site.trust.set_alpn_protocols(["h2", "http/1.1"])
    host, port = site.address.split(":")
    _, writer = await asyncio.open_connection(host, int(port), ssl=site.trust)
    chosen = writer.get_extra_info("ssl_object").selected_alpn_protocol()
    writer.transport.abort()
    assert chosen == "h2"
