"""What pages that are not ours can do with the cookie of somebody who has signed in: nothing.

A real Chromium, three hosts: ours; another port of the same machine, which is another origin of
the same site (the cookie is sent along); and ``localhost``, which is another site.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.integration.webkit import serving as serving_app
from tests.kit import SLUG
from tests.people import PASSWORD, enter, person, session
from tests.served import Served, serving

E = f"/api/v1/blogs/{SLUG}/entries"
WRITE = '{"body": "Words of another page"}'


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """Our server, with a public blog and a private one."""
    async with serving(tmp_path, "lane") as running:
        await running.blog()
        await running.blog("secret", visibility="private", title="Only for us")
        yield running


@pytest.fixture
async def elsewhere() -> AsyncIterator[int]:
    """The port of a server of somebody else."""

    async def page(_: Any) -> HTMLResponse:
        return HTMLResponse("<!doctype html><title>Elsewhere</title><body>")

    async with serving_app(Starlette(routes=[Route("/", page)])) as (_, port):
        yield port


@pytest.fixture
async def page(browser: Browser, served: Served) -> AsyncIterator[Page]:
    """A page of a browser in which a chief has signed in."""
    chief = await person(served.actions, "chief", email="ada@news.example", password=PASSWORD)
    context = await browser.new_context()
    await enter(context, served.url, await session(served.actions, chief))
    yield await context.new_page()
    await context.close()


FETCH = """async ([url, method, body, type]) => {
  try {
    const options = {method, credentials: "include", mode: "no-cors"};
    if (body) Object.assign(options, {body, headers: {"Content-Type": type}});
    const answer = await fetch(url, options);
    return answer.type === "opaque" ? "opaque" : answer.status;
  } catch (error) { return "failed"; }
}"""
FORM = """([url, body]) => {
  const form = document.createElement("form");
  Object.assign(form, {method: "POST", action: url, enctype: "text/plain"});
  const field = document.createElement("input");
  // Such a form sends name=value: within a text of JSON the = does no harm.
  const within = body.indexOf("Words") + 5;
  Object.assign(field, {name: body.slice(0, within), value: body.slice(within)});
  form.append(field); document.body.append(form); form.submit();
}"""
SOCKET = """(url) => new Promise((done) => {
  const socket = new WebSocket(url);
  socket.onmessage = (event) => done(event.data);
  socket.onclose = (event) => done("closed");
})"""


async def test_our_own_page_writes_and_reads(page: Page, served: Served) -> None:
    """So that what follows is refused for being of another page, and for nothing else."""
    await page.goto(served.url)
    asked = [E, "POST", WRITE, "application/json"]
    assert await page.evaluate(FETCH.replace('mode: "no-cors"', 'mode: "cors"'), asked) == 201
    secret = await page.evaluate("(u) => fetch(u).then((r) => r.status)", "/blogs/secret")
    assert secret == 200
    address = f"ws://{served.address}/api/v1/blogs/secret/live"
    assert '"hello"' in await page.evaluate(SOCKET, address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_another_page_writes_and_reads_nothing(
    page: Page, served: Served, elsewhere: int, host: str
) -> None:
    there = f"http://{host}:{elsewhere}/"
    sent = host == "127.0.0.1"  # the cookie goes along to another origin of the same site
    await page.goto(there)
    for method, path, body in (
        ("POST", E, WRITE),
        ("POST", "/api/v1/invitations", '{"email":"e@v.example","role":"chief","blog":null}'),
        ("POST", "/api/v1/session", f'{{"email":"ada@news.example","password":"{PASSWORD}"}}'),
    ):
        async with page.expect_response(served.url + path) as answered:
            assert await page.evaluate(FETCH, [served.url + path, method, body, "text/plain"])
        answer = await answered.value
        assert answer.status == (403 if sent or path.endswith("session") else 401), path
        assert "set-cookie" not in await answer.all_headers()

    # What may be read from anywhere is, but never as somebody who has signed in.
    for path in ("/api/v1/blogs/secret/entries", "/api/v1/session", "/blogs/secret"):
        async with page.expect_response(served.url + path) as answered:
            assert await page.evaluate(FETCH, [served.url + path, "GET", "", ""]) in (
                "opaque",
                "failed",
            )
        assert (await answered.value).status == 401, path

    address = f"ws://{served.address}/api/v1/blogs/secret/live"
    assert await page.evaluate(SOCKET, address) == "closed"

    # The oldest way: a form, which needs no script and asks nobody before.
    async with page.expect_navigation(url=served.url + E):
        await page.evaluate(FORM, [served.url + E, WRITE])
    assert f'"status":{403 if sent else 401}' in await page.content()
    entries = (await served.http.get(E)).json()["entries"]
    assert entries == []
    frame = f"<iframe src='{served.url}/blogs/secret'></iframe>"
    await page.goto(there)
    await page.set_content(frame)
    inside = page.frames[-1]
    await inside.wait_for_load_state()
    assert "Only for us" not in await inside.content()
