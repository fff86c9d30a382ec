"""What other machines read of us: feeds, descriptions, sitemaps. Pure functions.

A feed of a blog is bytes: Atom (RFC 4287), RSS 2.0 or JSON Feed 1.1. Each takes a
:class:`Feed`, which :func:`feed_of` makes from views, so nothing that is not public has a way
in. The same views give the same bytes.

    items.py    what a feed says of a blog and its entries, in every format alike
    content.py  an entry as HTML that stands on its own, away from our styles
    xml.py      elements and attributes, escaped
    atom.py  rss.py  jsonfeed.py
    jsonld.py   blogs and entries as schema.org describes them
    sitemap.py  lists of addresses for search engines
    site.py     whose site it is
"""

from liveblog.feeds.atom import atom
from liveblog.feeds.items import Feed, Item, Removed, feed_of
from liveblog.feeds.jsonfeed import json_feed
from liveblog.feeds.rss import rss

__all__ = ["Feed", "Item", "Removed", "atom", "feed_of", "json_feed", "rss"]
