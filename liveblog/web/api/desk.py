"""The desk in the API: for whoever may write in a blog. Nothing of it may be kept by caches."""

from collections.abc import Sequence
from typing import Any, get_args

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.actions.bulk import Done
from liveblog.errors import FieldError, Invalid
from liveblog.model.desk import STATES, Wanted
from liveblog.model.entry import Kind
from liveblog.queries.desk import DeskQueries
from liveblog.text.search import LONGEST_QUERY, terms
from liveblog.types import Revision
from liveblog.web.api.common import (
    Services,
    answer,
    entry_id_of,
    number,
    parse,
    read_write,
    slug_of,
    words_of,
)
from liveblog.web.headers import version_tag
from liveblog.web.problems import problem_of
from liveblog.wire import messages as m
from liveblog.wire.requests import Bulk, NewEntry, PatchDesk


def desk_routes(services: Services, queries: DeskQueries, render: m.Render) -> list[Route]:
    """``/api/v1/blogs/{slug}/desk`` and below.

    :param render: makes the HTML of an entry that readers get.
    """
    api = DeskApi(services, queries, render)
    base = "/api/v1/blogs/{slug}/desk"
    return [
        Route(base, api.get, methods=["GET"]),
        Route(base, api.revise, methods=["PATCH"]),
        Route(base + "/authors", api.authors, methods=["GET"]),
        Route(base + "/entries", api.list, methods=["GET"]),
        Route(base + "/entries/{entry_id}", api.entry, methods=["GET"]),
        Route(base + "/entries/{entry_id}/revisions", api.revisions, methods=["GET"]),
        Route(base + "/bulk", api.bulk, methods=["POST"]),
        Route(base + "/preview", api.preview, methods=["POST"]),
    ]


class DeskApi:
    """The endpoints."""

    def __init__(self, services: Services, queries: DeskQueries, render: m.Render) -> None:
        self._s = services
        self._queries = queries
        self._render = render

    async def get(self, request: Request) -> Response:
        """The blog as its desk sees it."""
        slug, who = slug_of(request), await self._s.auth.required(request)
        found = await self._queries.desk(slug, who)
        return private(found, found.revision)

    async def revise(self, request: Request) -> Response:
        """Change the hand-over note, or who is on duty."""
        write = await read_write(request, self._s)
        patch = parse(write, PatchDesk)
        found = await self._s.actions.desk.revise(slug_of(request), patch, write.ask)
        return private(found, found.revision)

    async def list(self, request: Request) -> Response:
        """A page of entries in the states that are asked for."""
        slug, who = slug_of(request), await self._s.auth.required(request)
        limit = number(request, "limit", 20, 1, 100)
        before = request.query_params.get("before")
        return private(await self._queries.entries(slug, who, wanted(request), before, limit))

    async def authors(self, request: Request) -> Response:
        """Whose entries can be asked for."""
        slug, who = slug_of(request), await self._s.auth.required(request)
        return private(await self._queries.authors(slug, who))

    async def entry(self, request: Request) -> Response:
        """One entry, whatever its state."""
        slug, who = slug_of(request), await self._s.auth.required(request)
        found = await self._queries.entry(slug, entry_id_of(request), who)
        return private(found, found.revision)

    async def revisions(self, request: Request) -> Response:
        """What an entry said before, and what changed."""
        slug, who = slug_of(request), await self._s.auth.required(request)
        limit = number(request, "limit", 20, 1, 100)
        before = number(request, "before", 0, 1, 2**31 - 1) or None
        below = None if before is None else Revision(before)
        entry_id = entry_id_of(request)
        return private(await self._queries.revisions(slug, entry_id, who, below, limit))

    async def bulk(self, request: Request) -> Response:
        """One action on many entries; what became of each."""
        write = await read_write(request, self._s)
        asked = parse(write, Bulk)
        if wrong := asked.wrong():
            raise Invalid(*wrong)
        done = await self._s.actions.bulk.run(slug_of(request), asked, write.ask)
        return private({"results": [_result(one) for one in done]})

    async def preview(self, request: Request) -> Response:
        """An entry as readers would get it; nothing is kept."""
        write = await read_write(request, self._s)
        assert write.ask.who is not None, "a write has somebody who asks"
        new = parse(write, NewEntry)
        entry, blog = await self._s.actions.desk.preview(slug_of(request), new, write.ask.who)
        view = m.entry_view(entry, blog.slug, self._s.links)
        html = self._render(view, m.blog_view(blog, self._s.links))
        return private({"html": str(html)})


def private(value: object, revision: Revision | None = None) -> Response:
    """A JSON answer that nobody keeps; with a revision it has its ETag."""
    tag = {} if revision is None else {"ETag": version_tag(revision)}
    return answer(value, headers={"Cache-Control": "no-store", **tag})


def _result(done: Done) -> dict[str, object]:
    told = {"problem": problem_of(done.refused)} if done.refused else {"entry": done.entry}
    return {"id": done.id, "status": done.status, **told}


def wanted(request: Request) -> Wanted:
    """What a list is asked for.

    :raises Invalid: a state or kind that there is not.
    """
    query = request.query_params
    states = query["state"].split(",") if query.get("state") else STATES
    key = query.get("key") or None
    return Wanted(
        states=tuple(dict.fromkeys(_one_of("state", state, STATES) for state in states)),
        author=words_of(request, "author"),
        kind=_one_of("kind", query["kind"], get_args(Kind)) if query.get("kind") else None,
        key=None if key is None else _one_of("key", key, ("true", "false")) == "true",
        tag=words_of(request, "tag"),
        terms=_terms(query.get("q", "")),
    )


def _terms(query: str) -> tuple[str, ...]:
    if len(query) > LONGEST_QUERY:
        raise Invalid(FieldError("q", f"A search takes at most {LONGEST_QUERY} characters."))
    return tuple(terms(query))


def _one_of(name: str, word: str, known: Sequence[str]) -> Any:
    if word not in known:
        raise Invalid(FieldError(name, f"One of {', '.join(known)} is needed."))
    return word
