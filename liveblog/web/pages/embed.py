"""Live pages on other sites: ``/embed/{slug}`` for a frame, and the script that makes one."""

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.model.permissions import Principal
from liveblog.model.position import parse_cursor
from liveblog.queries import Queries
from liveblog.types import Slug
from liveblog.web.answer import Document
from liveblog.web.headers import caching
from liveblog.web.kept import Auth, Kept, What, answer_of
from liveblog.web.pages.policy import GUARDS, Policies
from liveblog.web.pages.render import Pages

SCRIPT_SECONDS = 3600
"""For which other sites may keep ``v1.js``: what it means never changes, but faults are mended."""


def embed_routes(
    queries: Queries, pages: Pages, auth: Auth, kept: Kept, policies: Policies
) -> list[Route]:
    """``/embed/v1.js`` and ``/embed/{slug}``."""
    script = (files("liveblog.web") / "static" / "v1.js").read_bytes()
    headers = {
        "Content-Type": "text/javascript; charset=utf-8",
        "Cache-Control": f"public, max-age={SCRIPT_SECONDS}",
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }

    async def one_line(request: Request) -> Response:
        return Response(script, headers=headers)

    async def read(slug: Slug, who: Principal | None, what: What) -> Document:
        page = await queries.live_page(slug, who)
        blog = page.snapshot.blog
        made = {
            "Content-Type": "text/html; charset=utf-8",
            "ETag": f'W/"{page.snapshot.cursor}-{pages.build}-{what}"',
            **caching(blog.visibility),
            "Content-Security-Policy": policies.of(blog),
            **GUARDS,
        }
        render = pages.latest if what == "embed.latest" else pages.embed
        return Document(parse_cursor(page.snapshot.cursor), made, lambda: render(page).encode())

    async def frame(request: Request) -> Response:
        latest = request.query_params.get("show") == "latest"
        what: What = "embed.latest" if latest else "embed"
        return await answer_of(request, kept, auth, what, lambda slug, who: read(slug, who, what))

    return [Route("/embed/v1.js", one_line), Route("/embed/{slug}", frame)]
