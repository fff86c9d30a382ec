"""How words become safe HTML, and HTML words again. Pure: no I/O, no shared state.

An editor writes Markdown. From it come the two forms that travel with an entry:
the `html` every page and client may insert as it stands, and the `text` for
feeds, notifications and search. Rendering takes about a millisecond, so callers
may push it to a thread; everything here is safe to call from several at once.

    markdown.py   Markdown to HTML, through the sanitiser
    addresses.py  which addresses in running text become links
    safe.py       the allow-list: the one place that says which HTML may pass
    plain.py      HTML to plain text, a line a block
    measure.py    teaser, first sentence, read time
    diff.py       what changed between two texts, by word
    script.py     what Unicode says about where text may be cut
"""

from liveblog.text.diff import Piece, word_diff
from liveblog.text.markdown import Rendered, render_markdown
from liveblog.text.measure import first_sentence, reading_minutes, teaser
from liveblog.text.plain import plain_text

__all__ = [
    "Piece",
    "Rendered",
    "first_sentence",
    "plain_text",
    "reading_minutes",
    "render_markdown",
    "teaser",
    "word_diff",
]
