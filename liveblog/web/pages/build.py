"""What this process sends to browsers beside the text, and how it is named."""

import hashlib
from importlib.resources import files
from pathlib import Path

from liveblog import __version__
from liveblog.errors import ConfigError
from liveblog.web.pages.static import files_in


def theme_of(path: str) -> bytes:
    """The newsroom's style sheet; empty when there is none.

    :raises ConfigError: it cannot be read.
    """
    try:
        return Path(path).read_bytes() if path else b""
    except OSError as error:
        told = f"LIVEBLOG_THEME_CSS is {path!r}, which cannot be read ({error.strerror})."
        raise ConfigError(told) from None


def build_name(*own: str | bytes) -> str:
    """Names what this process sends to browsers: version and a hash of templates, scripts,
    catalogues and what the newsroom has of its own."""
    digest = hashlib.sha256()
    for part in own:
        digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\0")
    for folder in ("static", "templates", "locales"):
        for name, item in files_in(files("liveblog.web") / folder):
            digest.update(name.encode() + b"\0" + item.read_bytes())
    return f"{__version__}-{digest.hexdigest()[:8]}"
