"""Media in the API: uploading, the library, throwing away."""

import asyncio
from collections.abc import AsyncGenerator

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.actions import Ask
from liveblog.actions.media import MediaActions, Upload
from liveblog.errors import (
    BadRequest,
    FieldError,
    Invalid,
    NotFound,
    TooLarge,
    Unavailable,
    UnsupportedType,
)
from liveblog.model.ids import is_id
from liveblog.queries.media import MediaQueries
from liveblog.types import MediumId
from liveblog.web.api.common import MAX_KEY, answer, digest_of, number, slug_of, words_of
from liveblog.web.auth import Auth
from liveblog.wire.links import Links

AT_ONCE = 8
"""Uploads of one process; each holds its file in memory."""
SILENCE = 30.0
"""Seconds without a byte after which an upload is given up."""
WHOLE = 900.0
"""Seconds for a whole upload: 20 MiB at 200 kbit/s."""
NAME = 200
"""Characters of a file's name that are kept."""
NO_STORE = {"Cache-Control": "no-store"}


def media_routes(
    actions: MediaActions, queries: MediaQueries, auth: Auth, links: Links, *, most: int
) -> list[Route]:
    """``/api/v1/blogs/{slug}/media`` and below.

    :param most: bytes of one file.
    """
    api = MediaApi(actions, queries, auth, links, most)
    base = "/api/v1/blogs/{slug}/media"
    return [
        Route(base, api.library, methods=["GET"]),
        Route(base, api.upload, methods=["POST"]),
        Route(base + "/{medium_id}", api.get, methods=["GET"]),
        Route(base + "/{medium_id}", api.delete, methods=["DELETE"]),
    ]


class MediaApi:
    """The endpoints."""

    def __init__(
        self, actions: MediaActions, queries: MediaQueries, auth: Auth, links: Links, most: int
    ) -> None:
        self._actions = actions
        self._queries = queries
        self._auth = auth
        self._links = links
        self._most = most
        self._running = 0

    async def library(self, request: Request) -> Response:
        """The blog's media, newest first."""
        query = request.query_params
        before = query.get("before")
        if before is not None and not is_id(before):
            raise Invalid(FieldError("before", "Give back the next you were given."))
        found = await self._queries.library(
            slug_of(request),
            await self._auth.principal(request),
            before=MediumId(before) if before else None,
            asked=words_of(request, "q") or "",
            limit=number(request, "limit", 50, 1, 100),
        )
        return answer(found, headers=NO_STORE)

    async def get(self, request: Request) -> Response:
        """One of them."""
        who = await self._auth.principal(request)
        found = await self._queries.medium(slug_of(request), medium_id_of(request), who)
        return answer(found, headers=NO_STORE)

    async def delete(self, request: Request) -> Response:
        """Throw one away that nothing shows."""
        who = await self._auth.required(request)
        await self._actions.delete(slug_of(request), medium_id_of(request), Ask(who))
        return Response(status_code=204, headers=NO_STORE)

    async def upload(self, request: Request) -> Response:
        """Take a file. Who may not is refused before it is read."""
        slug = slug_of(request)
        who = await self._auth.required(request)
        await self._actions.allow(slug, Ask(who))
        refuse_type(request.headers.get("content-type", ""))
        key = request.headers.get("idempotency-key")
        if key is not None and not 1 <= len(key) <= MAX_KEY:
            raise BadRequest(f"Idempotency-Key takes 1 to {MAX_KEY} characters.")
        if self._running >= AT_ONCE:
            raise Unavailable("Too many files are being uploaded now; send it again.")
        self._running += 1
        try:
            content = await self._read(request)
            # 40 ms for 20 MiB, in which no reader would be written to.
            digest = await asyncio.to_thread(digest_of, request, content)
            upload = Upload(clean_name(request.query_params.get("name", "")), content)
            view = await self._actions.upload(slug, upload, Ask(who, key, digest))
        finally:
            self._running -= 1
        return answer(view, 201, NO_STORE | {"Location": self._links.api_medium(slug, view.id)})

    async def _read(self, request: Request) -> bytes:
        """The file.

        :raises TooLarge: it is, or says that it will be.
        """
        told = request.headers.get("content-length", "")
        parts = bytearray()
        if told.isdigit() and int(told) > self._most:
            raise self._too_large()
        stream = request.stream()
        try:
            async with asyncio.timeout(WHOLE):
                while (part := await _next(stream)) is not None:
                    parts += part
                    if len(parts) > self._most:
                        raise self._too_large()
        except TimeoutError:
            raise BadRequest(f"It did not come within {WHOLE:g} seconds.") from None
        except ClientDisconnect:
            raise BadRequest("The upload was broken off.") from None
        if not parts:
            raise Invalid(FieldError("", "There is no file in this request."))
        return bytes(parts)

    def _too_large(self) -> TooLarge:
        mib = self._most / (1024 * 1024)
        return TooLarge(f"A picture takes at most {self._most:,} bytes ({mib:.3g} MiB).")


async def _next(stream: AsyncGenerator[bytes, None]) -> bytes | None:
    """What comes next; None at the end.

    :raises BadRequest: nothing comes.
    """
    try:
        async with asyncio.timeout(SILENCE):
            return await anext(stream, None)
    except TimeoutError:
        raise BadRequest(f"Nothing came for {SILENCE:g} seconds.") from None


def medium_id_of(request: Request) -> MediumId:
    """The medium's id in the address.

    :raises NotFound: it is none.
    """
    found: str = request.path_params["medium_id"]
    if not is_id(found):
        raise NotFound("There is no medium of this id.")
    return MediumId(found)


def refuse_type(given: str) -> None:
    """What a picture is, its content says; but who sends a form or JSON means something else.

    :raises UnsupportedType: it is not said to be a picture.
    """
    kind = given.partition(";")[0].strip().lower()
    if not kind.startswith("image/"):
        raise UnsupportedType("Send the file itself, with Content-Type: image/jpeg or the like.")
    if kind.startswith("image/svg"):
        raise UnsupportedType("SVG is not taken: it is a program. Send it as a PNG.")


def clean_name(given: str) -> str:
    """A file's name for people: no folders, nothing that cannot be seen."""
    last = given.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable()).strip()[-NAME:]
