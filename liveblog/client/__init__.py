"""The Python client for other services: follow a live blog, and write to one.

::

    async for item in follow("https://news.example", "ukraine-war-latest"):
        match item:
            case Resync():                      # start afresh from the whole snapshot
                mirror.replace(item.snapshot)
            case Change():
                mirror.put(item.type, item.subject)
        remember(item.cursor)                   # to go on from here after a restart

    await post(url, slug, token, {"headline": "Talks begin", "body": "…"})

It needs nothing of the server: messages stay open dicts, so that a client of today can live
with a server of tomorrow. What to do about a message is decided in ``wire/follower.py``.
"""

from liveblog.client.following import follow, snapshot
from liveblog.client.items import Change, Item, Resync
from liveblog.client.writing import Writer, post

__all__ = ["Change", "Item", "Resync", "Writer", "follow", "post", "snapshot"]
