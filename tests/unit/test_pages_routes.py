"""How the pages travel: caching, refusals, policies, files."""

from datetime import date

import pytest
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import Route
from starlette.testclient import TestClient

from liveblog.errors import NotAuthenticated, NotFound, Refusal, StoreBusy
from liveblog.model.permissions import Principal
from liveblog.queries import (
    DayPage,
    EntryPage,
    FrontItem,
    FrontPage,
    LivePage,
    OlderPage,
    Queries,
    Start,
)
from liveblog.types import EntryId, Slug
from liveblog.web.front import Front
from liveblog.web.pages import Pages
from liveblog.web.pages.routes import page_routes
from liveblog.wire.links import Links
from tests.browser.content import (
    SLUG,
    blog_view,
    day_view,
    entries,
    entry_id,
    live_page,
    no_memory,
    tombstone,
)

REFUSALS: dict[str, Refusal] = {"private": NotAuthenticated(), "busy": StoreBusy()}


class Reading(Queries):
    """The demo's page, for every slug that is not a refusal."""

    def __init__(self) -> None:
        pass

    async def front(self, before: str | None = None, limit: int = 20) -> FrontPage:
        blog = blog_view()
        return FrontPage((FrontItem("blog", "0" * 26, blog.updated_at, blog),), None)

    async def live_page(self, slug: Slug, who: Principal | None) -> LivePage:
        if slug in REFUSALS:
            raise REFUSALS[slug]
        return live_page(visibility="draft" if slug == "draft" else "public")

    async def older_page(self, slug: Slug, number: int, who: Principal | None) -> OlderPage:
        if number > 3:
            raise NotFound("There is no page of this number.")
        shown = live_page().snapshot
        blog = blog_view(visibility="private" if slug == "secret" else "public")
        return OlderPage(blog, number, 3, shown.entries, shown.cursor)

    async def day_page(
        self,
        slug: Slug,
        when: date,
        who: Principal | None,
        start: Start = Start(),  # noqa: B008
    ) -> DayPage:
        return DayPage(blog_view(), day_view(entries()), (), live_page().snapshot.cursor)

    async def entry_page(self, slug: Slug, entry_id: EntryId, who: Principal | None) -> EntryPage:
        found = {e.id: e for e in entries()}.get(entry_id)
        return EntryPage(blog_view(), found or tombstone(4, "A slip."), 1)


class Nobody:
    """Nobody signs in."""

    async def principal(self, request: HTTPConnection) -> Principal | None:
        return None


def routes_of(pages: Pages, purged: bool = False) -> list[Route]:
    """The pages' routes over the demo's page."""
    front = Front(Reading(), lambda: 0)
    return page_routes(Reading(), pages, Nobody(), no_memory(), front, purged=purged)


@pytest.fixture
def client() -> TestClient:
    links = Links("https://news.example")
    routes = page_routes(
        Reading(), Pages(links, "b1"), Nobody(), no_memory(), Front(Reading(), lambda: 0)
    )
    return TestClient(Starlette(routes=routes))


@pytest.fixture
def purged() -> TestClient:
    """The same where a purge hook is configured."""
    links = Links("https://news.example")
    routes = page_routes(
        Reading(),
        Pages(links, "b1"),
        Nobody(),
        no_memory(),
        Front(Reading(), lambda: 0),
        purged=True,
    )
    return TestClient(Starlette(routes=routes))


LIVE = f"/blogs/{SLUG}"
KEPT = "public, max-age=0, must-revalidate, s-maxage=86400"


@pytest.mark.parametrize(
    "path", [LIVE, f"{LIVE}/pages/2", f"{LIVE}/days/2025-07-23", f"{LIVE}/entries/{entry_id(1)}"]
)
def test_a_page_is_asked_again_and_answered_shortly(client: TestClient, path: str) -> None:
    first = client.get(path)
    assert first.status_code == 200
    assert first.headers["cache-control"] == "no-cache"
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    again = client.get(path, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    assert client.get(path, headers={"If-None-Match": 'W/"other"'}).status_code == 200
    assert client.head(path).status_code == 200


def test_a_closed_page_may_be_kept_by_caches_that_are_told(purged: TestClient) -> None:
    answer = purged.get(f"{LIVE}/pages/2")
    assert answer.headers["cache-control"] == KEPT
    assert answer.headers["surrogate-key"] == f"blog:{SLUG} page:{SLUG}:2"
    assert answer.headers["cache-tag"] == f"blog:{SLUG},page:{SLUG}:2"
    again = purged.get(f"{LIVE}/pages/2", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["cache-control"] == KEPT


@pytest.mark.parametrize(
    "path",
    [
        LIVE,
        f"{LIVE}/pages/3",
        f"{LIVE}/days/2025-07-23",
        f"{LIVE}/entries/{entry_id(1)}",
        f"{LIVE}/entries/{entry_id(4)}",
        "/blogs/secret/pages/2",
        f"{LIVE}/pages/4",
    ],
)
def test_all_else_is_asked_again(purged: TestClient, path: str) -> None:
    """The open page, what is private, what is not there: nobody keeps it."""
    headers = purged.get(path).headers
    assert headers["cache-control"] in ("no-cache", "private, no-cache", "no-store")
    assert not {"surrogate-key", "cache-tag"} & set(headers)


def test_without_a_hook_nobody_keeps_a_closed_page(client: TestClient) -> None:
    headers = client.get(f"{LIVE}/pages/2").headers
    assert headers["cache-control"] == "no-cache"
    assert not {"surrogate-key", "cache-tag"} & set(headers)


def test_what_was_removed_is_gone(client: TestClient) -> None:
    answer = client.get(f"{LIVE}/entries/{entry_id(4)}")
    assert answer.status_code == 410
    assert "A slip." in answer.text
    assert f'{LIVE}/pages/1#entry-{entry_id(4)}"' in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/blogs/private", 401),
        ("/blogs/busy", 503),
        (f"{LIVE}/pages/4", 404),
        (f"{LIVE}/days/yesterday", 404),
    ],
)
def test_a_refusal_is_a_page(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert ("retry-after" in answer.headers) is (status == 503)


def test_the_policy_allows_no_inline_code(client: TestClient) -> None:
    policy = client.get(LIVE).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "connect-src 'self' wss://news.example;" in policy
    assert "frame-ancestors *" in policy
    draft = client.get("/blogs/draft").headers
    assert "frame-ancestors 'self'" in draft["content-security-policy"]
    assert draft["cache-control"] == "private, no-cache"


def test_files_of_this_build_never_change(client: TestClient) -> None:
    now = client.get("/static/b1/live.js")
    assert now.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert now.headers["content-type"].startswith("text/javascript")
    older = client.get("/static/b0/live.js")
    assert (older.content, older.headers["cache-control"]) == (now.content, "no-cache")
    for wrong in ("/static/b1/nothing.js", "/static/b1/../pages/render.py", "/static/b1/"):
        assert client.get(wrong).status_code == 404


def test_the_front_page(client: TestClient) -> None:
    assert "Ukraine and Russia meet in Istanbul" in client.get("/").text
