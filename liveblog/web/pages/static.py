"""The pages' own files: read once, sent as light as they can be."""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

import brotli
from starlette.requests import Request
from starlette.responses import Response

from liveblog.web.coding import Coding, compressed, preferred
from liveblog.web.headers import NO_CACHE

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "webp": "image/webp",
    "png": "image/png",
    "jpg": "image/jpeg",
    "mp4": "video/mp4",
    "vtt": "text/vtt; charset=utf-8",
}

_TEXT = frozenset({"css", "js", "svg", "vtt"})

_TINY = 256
"""Bytes up to which a coding saves nothing."""

_REMARKS = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL)


_AROUND = re.compile(r"^[ \t\n]+", re.MULTILINE)


def light(source: str) -> str:
    """A script or style sheet without the remarks that have lines of their own, and without
    indentation; they are a quarter of what a reader would load."""
    return _AROUND.sub("", _REMARKS.sub("", source))


def files_in(folder: Traversable, start: str = "") -> Iterator[tuple[str, Traversable]]:
    """The files of a folder and of those inside it, by their names from there
    (``studio/api.js``), in order."""
    for item in sorted(folder.iterdir(), key=lambda one: one.name):
        name = start + item.name
        if item.is_dir():
            yield from files_in(item, f"{name}/")
        else:
            yield name, item


class StaticFiles:
    """The files by their name. Their address names the build, so they never change.

    :param own: the newsroom's files, by name.
    """

    def __init__(self, build: str, own: Mapping[str, bytes]) -> None:
        self._build = build
        found = {
            name: item.read_bytes()
            for name, item in files_in(files("liveblog.web") / "static")
            if name.rpartition(".")[2] in _TYPES
        }
        self._files = {name: _lightened(name, body) for name, body in found.items()} | dict(own)
        self._coded: dict[tuple[str, Coding], bytes] = {}

    async def endpoint(self, request: Request) -> Response:
        """The file. A page of another build gets today's, which it must ask for again."""
        name: str = request.path_params["name"]
        if name not in self._files:
            return Response("There is no such file.", 404, media_type="text/plain")
        coding = self._coding(name, request.headers.get("Accept-Encoding", ""))
        now = request.path_params["build"] == self._build
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable" if now else NO_CACHE,
            "Content-Type": _TYPES[name.rpartition(".")[2]],
            "X-Content-Type-Options": "nosniff",
            "Access-Control-Allow-Origin": "*",
            "Vary": "Accept-Encoding",
        }
        if coding != "identity":
            headers["Content-Encoding"] = coding
        return Response(self._body(name, coding), headers=headers)

    def _coding(self, name: str, accept: str) -> Coding:
        plain = name.rpartition(".")[2] not in _TEXT or len(self._files[name]) <= _TINY
        return "identity" if plain else preferred(accept.encode("latin-1"))[0]

    def _body(self, name: str, coding: Coding) -> bytes:
        """Coded once in the life of the process, so it may take longer than for a page."""
        body = self._files[name]
        if coding == "identity":
            return body
        if (name, coding) not in self._coded:
            best = brotli.compress(body) if coding == "br" else compressed(body, coding)
            self._coded[name, coding] = best
        return self._coded[name, coding]


def _lightened(name: str, body: bytes) -> bytes:
    # What is in a folder stays as it is: texts of several lines, and what others made.
    if "/" in name or name.rpartition(".")[2] not in ("js", "css"):
        return body
    return light(body.decode()).encode()
