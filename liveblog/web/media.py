"""Giving out the files of media. Who may see one is asked of the database each time; its bytes
never change, so they are kept."""

import asyncio
from collections import OrderedDict

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.errors import NotFound
from liveblog.media import Storage
from liveblog.model.ids import is_id
from liveblog.queries.media import MediaQueries, Seen
from liveblog.types import MediumId
from liveblog.web.auth import Auth
from liveblog.web.headers import NO_CACHE, PURGED, none_match
from liveblog.wire.links import blog_tag, medium_tag

KEPT = 32 * 1024 * 1024
"""Bytes of files kept in memory; those asked for longest ago go."""
AT_ONCE = 8
"""Files fetched from the storage at once; other requests wait."""

GUARDS = {
    "X-Content-Type-Options": "nosniff",
    # Nothing in a file is ever run, whatever a browser takes it for.
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


class Files:
    """The files of a storage, the last ones in memory; one that several ask for is fetched
    once."""

    def __init__(self, storage: Storage, most: int = KEPT) -> None:
        self._storage = storage
        self._most = most
        self._size = 0
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._fetching: dict[str, asyncio.Task[bytes | None]] = {}
        self._free = asyncio.Semaphore(AT_ONCE)

    async def get(self, name: str) -> bytes | None:
        """The file; None when there is none.

        :raises StorageTrouble: it cannot be reached.
        """
        content = self._kept.get(name)
        if content is not None:
            self._kept.move_to_end(name)
            return content
        task = self._fetching.get(name)
        if task is None:
            task = self._fetching[name] = asyncio.create_task(self._fetch(name))
            task.add_done_callback(lambda done: self._fetched(name, done))
        # Who goes away does not take it from the others.
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Fetch nothing any more."""
        tasks = list(self._fetching.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fetch(self, name: str) -> bytes | None:
        async with self._free:
            return await self._storage.get(name)

    def _fetched(self, name: str, task: asyncio.Task[bytes | None]) -> None:
        del self._fetching[name]
        if task.cancelled() or task.exception() is not None:
            return  # those who wait are told
        content = task.result()
        if content is None or len(content) > self._most:
            return
        self._kept[name] = content
        self._size += len(content)
        while self._size > self._most:
            _, old = self._kept.popitem(last=False)
            self._size -= len(old)


def media_file_routes(
    queries: MediaQueries, files: Files, auth: Auth, *, purged: bool
) -> list[Route]:
    """``/media/{id}/{file}``.

    :param purged: caches are told of changes, so they may keep what is published.
    """

    async def get(request: Request) -> Response:
        """A file of a medium, 304 where the asker has it."""
        medium_id, file = request.path_params["id"], request.path_params["file"]
        if not is_id(medium_id):
            raise NotFound()
        who = await auth.principal(request)
        seen = await queries.file(MediumId(medium_id), file, who)
        headers = _headers(seen, MediumId(medium_id), file, purged)
        if none_match(request.headers, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        content = await files.get(f"{medium_id}/{file}")
        if content is None:
            raise NotFound()
        return Response(content, 200, headers, seen.type)

    return [Route("/media/{id}/{file}", get, methods=["GET"])]


def _headers(seen: Seen, medium_id: MediumId, file: str, purged: bool) -> dict[str, str]:
    headers = GUARDS | {"ETag": f'"{medium_id}.{file}"'}
    if seen.published and seen.visibility in ("public", "unlisted"):
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if not purged:
            return headers | {"Cache-Control": NO_CACHE}
        tags = (medium_tag(medium_id), blog_tag(seen.slug))
        return headers | {
            "Cache-Control": PURGED,
            "Surrogate-Key": " ".join(tags),
            "Cache-Tag": ",".join(tags),
        }
    control = "private, no-cache" if seen.published else "private, no-store"
    return headers | {
        "Cache-Control": control,
        "Vary": "Authorization, Cookie",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
