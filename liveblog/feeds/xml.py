"""XML as text. What goes in as text comes out of any parser as it was.

There is no CDATA anywhere: escaped text has no end mark that the text itself could contain.
"""

from xml.sax.saxutils import escape, quoteattr

from liveblog.text.safe import scrub

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


def text(words: str) -> str:
    """Words as character data; what XML cannot carry is left out."""
    return escape(scrub(words), {"\r": "&#13;"})


def element(name: str, *inside: str, **attributes: str | None) -> str:
    """An element around XML that is ready.

    :param attributes: plain text; None leaves one out, and ``_`` stands for ``:``.
    """
    given = "".join(
        f" {key.replace('_', ':')}={quoteattr(scrub(value))}"
        for key, value in attributes.items()
        if value is not None
    )
    content = "".join(inside)
    return f"<{name}{given}>{content}</{name}>" if content else f"<{name}{given}/>"
