"""Entries in the API."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.actions import Outcome
from liveblog.errors import FieldError, Invalid, NotFound
from liveblog.model.entry import Entry
from liveblog.types import Revision
from liveblog.web.api.common import (
    Services,
    answer,
    entry_id_of,
    number,
    parse,
    read_write,
    reader,
    slug_of,
    tagged,
)
from liveblog.web.headers import version_tag
from liveblog.wire import messages as m
from liveblog.wire.requests import (
    NewEntry,
    Nothing,
    PatchEntry,
    Retract,
    WithholdRevision,
    parse_date,
)


def entry_routes(services: Services) -> list[Route]:
    """``/api/v1/blogs/{slug}/entries`` and below."""
    api = Entries(services)
    base = "/api/v1/blogs/{slug}/entries"
    one = base + "/{entry_id}"
    return [
        Route(base, api.list, methods=["GET"]),
        Route(base, api.create, methods=["POST"]),
        Route(one, api.get, methods=["GET"]),
        Route(one, api.revise, methods=["PATCH"]),
        Route(one, api.delete, methods=["DELETE"]),
        Route(one + "/retract", api.retract, methods=["POST"]),
        Route(one + "/restore", api.restore, methods=["POST"]),
        Route(one + "/revisions", api.revisions, methods=["GET"]),
        Route(one + "/revisions/{revision:int}", api.withhold, methods=["PATCH"]),
    ]


class Entries:
    """The endpoints."""

    def __init__(self, services: Services) -> None:
        self._s = services

    # Reading ------------------------------------------------------------------------------

    async def list(self, request: Request) -> Response:
        """A page of entries, newest first."""
        query = request.query_params
        day = parse_date(query["day"]) if "day" in query else None
        if "day" in query and day is None:
            raise Invalid(FieldError("day", "A date like 2025-07-23 is needed."))
        key = query.get("key", "false")
        if key not in ("true", "false"):
            raise Invalid(FieldError("key", "true or false is needed."))
        page = await self._s.queries.entries(
            slug_of(request),
            await reader(request, self._s),
            before=query.get("before"),
            limit=number(request, "limit", 20, 1, 100),
            day=day,
            key=key == "true",
        )
        return tagged(request, page, headers={"Liveblog-Cursor": page.cursor})

    async def get(self, request: Request) -> Response:
        """One entry, or 410 with its tombstone."""
        who = await reader(request, self._s)
        view = await self._s.queries.entry(slug_of(request), entry_id_of(request), who)
        return tagged(request, view, version_tag(view.revision))

    async def revisions(self, request: Request) -> Response:
        """The public history."""
        who = await reader(request, self._s)
        rows = await self._s.queries.revisions(slug_of(request), entry_id_of(request), who)
        return tagged(request, {"revisions": rows})

    # Writing ------------------------------------------------------------------------------

    async def create(self, request: Request) -> Response:
        """Publish an entry, or keep a draft."""
        write = await read_write(request, self._s)
        new = parse(write, NewEntry)
        return self._entry(await self._s.actions.entries.create(slug_of(request), new, write.ask))

    async def revise(self, request: Request) -> Response:
        """Change an entry."""
        write = await read_write(request, self._s)
        patch = parse(write, PatchEntry)
        return self._entry(
            await self._s.actions.entries.revise(
                slug_of(request), entry_id_of(request), patch, write.ask
            )
        )

    async def retract(self, request: Request) -> Response:
        """Withdraw an entry, with a note for readers."""
        write = await read_write(request, self._s)
        note = parse(write, Retract).note
        return self._entry(
            await self._s.actions.entries.retract(
                slug_of(request), entry_id_of(request), note, write.ask
            )
        )

    async def delete(self, request: Request) -> Response:
        """Withdraw an entry without a note."""
        write = await read_write(request, self._s)
        parse(write, Nothing)
        return self._entry(
            await self._s.actions.entries.retract(
                slug_of(request), entry_id_of(request), None, write.ask
            )
        )

    async def restore(self, request: Request) -> Response:
        """Bring a retracted entry back."""
        write = await read_write(request, self._s)
        parse(write, Nothing)
        return self._entry(
            await self._s.actions.entries.restore(slug_of(request), entry_id_of(request), write.ask)
        )

    async def withhold(self, request: Request) -> Response:
        """Take the words of one version out of the public history."""
        write = await read_write(request, self._s)
        parse(write, WithholdRevision)
        revision = request.path_params["revision"]
        if not 1 <= revision < 2**31:
            raise NotFound("There is no such revision.")
        await self._s.actions.entries.withhold(
            slug_of(request), entry_id_of(request), Revision(revision), write.ask
        )
        return Response(status_code=204)

    def _entry(self, outcome: Outcome) -> Response:
        assert isinstance(outcome.value, Entry)
        entry, blog = outcome.value, outcome.blog
        headers = {
            "ETag": version_tag(entry.revision),
            "Liveblog-Cursor": blog.position.cursor,
        }
        if outcome.status == 201:
            headers["Location"] = self._s.links.api_entry(blog.slug, entry.id)
        view = m.entry_view(entry, blog.slug, self._s.links)
        return answer(view, outcome.status, headers)
