"""``/sw.js``: what keeps the last pages for when there is no network. Its address decides which
pages it may see, so it is not among the static files."""

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.web.headers import NO_CACHE


def worker_routes() -> list[Route]:
    """``/sw.js``."""
    script = (files("liveblog.web") / "static" / "sw.js").read_bytes()
    headers = {
        "Content-Type": "text/javascript; charset=utf-8",
        "Cache-Control": NO_CACHE,
        "X-Content-Type-Options": "nosniff",
        # It asks for our own files and nothing else.
        "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
    }

    async def worker(request: Request) -> Response:
        return Response(script, headers=headers)

    return [Route("/sw.js", worker)]
