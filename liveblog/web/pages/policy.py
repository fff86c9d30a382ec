"""What a page may load and who may frame it, and the headers every page has."""

from urllib.parse import urlsplit

from liveblog.web.pages.players import HOSTS
from liveblog.wire.messages import BlogView

GUARDS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
"""Headers of every page."""


class Policies:
    """The Content-Security-Policy of pages: our own script and style, and nothing inline.

    Pictures and films may come from any https host, because editors link to them. A browser
    that does not count ``ws:`` to the same host as ``'self'`` is told the address, where
    ``LIVEBLOG_PUBLIC_URL`` says it; a ``Host`` header is never believed. HTML enters the
    document through one named policy of the page's script only (Trusted Types).
    """

    def __init__(self, base: str) -> None:
        parts = urlsplit(base)
        socket = ""
        if parts.netloc:
            socket = f" {'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
        shared = [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "font-src 'self' data:",  # a newsroom's own, in its one style sheet
            "media-src 'self' https:",
            f"connect-src 'self'{socket}",
            "form-action 'none'",
            "base-uri 'none'",
            "require-trusted-types-for 'script'",
        ]
        readers = [
            *shared,
            "img-src 'self' https:",
            f"frame-src {' '.join(HOSTS)}",
            "trusted-types liveblog",
        ]
        # On the desk: pictures on their way to us, the preview in a frame, lit's templates.
        studio = [
            *shared,
            "img-src 'self' https: blob:",
            "frame-src 'self'",
            "trusted-types liveblog lit-html",
        ]
        self.public = "; ".join([*readers, "frame-ancestors *"])
        self.private = "; ".join([*readers, "frame-ancestors 'self'"])
        self.studio = "; ".join([*studio, "frame-ancestors 'none'"])

    def of(self, blog: BlogView) -> str:
        """The policy of a page of this blog: what opens by who asks is in nobody else's frame."""
        return self.public if blog.visibility in ("public", "unlisted") else self.private
