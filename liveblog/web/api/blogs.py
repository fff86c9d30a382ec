"""Blogs and days in the API."""

from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.actions import Outcome
from liveblog.errors import BadRequest, NotFound
from liveblog.model.blog import Blog
from liveblog.model.day import Day
from liveblog.model.ids import is_id
from liveblog.types import BlogId
from liveblog.web.api.common import (
    Services,
    answer,
    number,
    parse,
    read_write,
    reader,
    slug_of,
    tagged,
)
from liveblog.web.headers import version_tag
from liveblog.wire import messages as m
from liveblog.wire.requests import NewBlog, PatchBlog, PatchDay, parse_date


def blog_routes(services: Services) -> list[Route]:
    """``/api/v1/blogs`` and below."""
    api = Blogs(services)
    base = "/api/v1/blogs"
    return [
        Route(base, api.list, methods=["GET"]),
        Route(base, api.create, methods=["POST"]),
        Route(base + "/{slug}", api.get, methods=["GET"]),
        Route(base + "/{slug}", api.revise, methods=["PATCH"]),
        Route(base + "/{slug}/days/{date}", api.day, methods=["GET"]),
        Route(base + "/{slug}/days/{date}", api.revise_day, methods=["PATCH"]),
    ]


class Blogs:
    """The endpoints."""

    def __init__(self, services: Services) -> None:
        self._s = services

    async def list(self, request: Request) -> Response:
        """Blogs, newest first."""
        who = await reader(request, self._s)
        limit = number(request, "limit", 20, 1, 100)
        before = request.query_params.get("before")
        if before and not is_id(before):
            raise BadRequest("before is malformed: give back the next you were given.")
        blogs, following = await self._s.queries.blogs(
            who, BlogId(before) if before else None, limit
        )
        return tagged(request, {"blogs": blogs, "next": following})

    async def create(self, request: Request) -> Response:
        """Make a blog."""
        write = await read_write(request, self._s)
        outcome = await self._s.actions.blogs.create(parse(write, NewBlog), write.ask)
        return self._blog(outcome)

    async def get(self, request: Request) -> Response:
        """One blog."""
        view = await self._s.queries.blog(slug_of(request), await reader(request, self._s))
        headers = {"Liveblog-Cursor": str(view.cursor), "ETag": version_tag(view.revision)}
        return answer(view, headers=headers)

    async def revise(self, request: Request) -> Response:
        """Change a blog's own data."""
        write = await read_write(request, self._s)
        patch = parse(write, PatchBlog)
        return self._blog(await self._s.actions.blogs.revise(slug_of(request), patch, write.ask))

    def _blog(self, outcome: Outcome) -> Response:
        assert isinstance(outcome.value, Blog)
        blog = outcome.value
        headers = {
            "ETag": version_tag(blog.revision),
            "Liveblog-Cursor": blog.position.cursor,
        }
        if outcome.status == 201:
            headers["Location"] = self._s.links.api_blog(blog.slug)
        return answer(m.blog_view(blog, self._s.links, head=True), outcome.status, headers)

    # Days ---------------------------------------------------------------------------------

    async def day(self, request: Request) -> Response:
        """One day with its roll-up."""
        who = await reader(request, self._s)
        view = await self._s.queries.day(slug_of(request), date_of(request), who)
        return tagged(request, view, version_tag(view.revision))

    async def revise_day(self, request: Request) -> Response:
        """Reorder, reword, drop, title, freeze."""
        write = await read_write(request, self._s)
        patch = parse(write, PatchDay)
        when = date_of(request)
        outcome = await self._s.actions.blogs.revise_day(slug_of(request), when, patch, write.ask)
        assert isinstance(outcome.value, Day)
        view = m.day_view(outcome.value, outcome.blog.slug, self._s.links)
        headers = {
            "ETag": version_tag(view.revision),
            "Liveblog-Cursor": outcome.blog.position.cursor,
        }
        return answer(view, outcome.status, headers)


def date_of(request: Request) -> date:
    """The date in the address.

    :raises NotFound: it is none.
    """
    when = parse_date(request.path_params["date"])
    if when is None:
        raise NotFound("There is no such day; a date is written 2025-07-23.")
    return when
