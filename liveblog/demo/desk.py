"""The desk: sets the pages up, then makes one move after the other.

It may be started again at any time and anywhere: what stands already is not posted twice,
and it remembers only its latest entries, so it can run for weeks.
"""

import asyncio
import logging
import random
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import httpx2

from liveblog.client import Writer, snapshot
from liveblog.demo.moves import Move, Publish, Retract, Revise, ReviseBlog
from liveblog.demo.seed import BLOG, CARDS, CARDS_BLOG, SLUG, Content, day_entries
from liveblog.errors import Conflict, LiveblogError

logger = logging.getLogger(__name__)

REMEMBERED = 32
"""Entries that a later move may still be about."""


class Desk:
    """Writes to one server. ``pace`` is the middle of the seconds between two moves."""

    def __init__(self, url: str, writer: Writer, pace: float) -> None:
        self._url = url
        self._writer = writer
        self._pace = pace
        self._entries: OrderedDict[str, dict[str, Any]] = OrderedDict()

    async def set_up(self) -> None:
        """Make both blogs with what stands in them, where it does not stand yet.

        The live page comes last, so that it is the newer of the two.
        """
        await self._set_up(CARDS_BLOG, CARDS)
        await self._set_up(BLOG, day_entries())

    async def play(self, moves: Iterable[Move]) -> None:
        """Make the moves, each a few seconds after the one before."""
        for move in moves:
            await asyncio.sleep(random.uniform(0.5, 1.5) * self._pace)
            try:
                await self._make(move)
            except LiveblogError as error:
                # An editor was faster, or closed the page. That is theirs to decide.
                logger.info("left out %s: %s", type(move).__name__, error)

    async def _set_up(self, blog: Content, entries: Iterable[Content]) -> None:
        try:
            await self._writer.create_blog(blog)
        except Conflict:
            logger.info("the blog %s is there already", blog["slug"])
        there = await self._headlines(blog["slug"])
        for entry in entries:
            if entry["headline"] not in there:
                await self._writer.post(blog["slug"], entry)

    async def _headlines(self, slug: str) -> set[str]:
        """The headlines of the day's entries that stand already."""
        found: set[str] = set()
        params: dict[str, str] = {"limit": "100"}
        async with httpx2.AsyncClient(timeout=30) as http:
            while True:
                address = f"{self._url}/api/v1/blogs/{slug}/entries"
                page = (await http.get(address, params=params)).raise_for_status().json()
                found |= {entry.get("headline") for entry in page["entries"]}
                if page["next"] is None:
                    return found
                params["before"] = page["next"]

    async def _make(self, move: Move) -> None:
        if isinstance(move, Publish):
            self._remember(move.name, await self._writer.post(SLUG, move.content))
        elif isinstance(move, ReviseBlog):
            shown = await snapshot(self._url, SLUG)
            await self._writer.revise_blog(shown["blog"], move.patch)
        else:
            entry = self._entries.pop(move.name, None)
            if isinstance(move, Revise) and entry is not None:
                self._remember(move.name, await self._writer.revise(entry, move.patch))
            elif isinstance(move, Retract) and entry is not None:
                await self._writer.retract(entry, move.note)

    def _remember(self, name: str, entry: dict[str, Any]) -> None:
        self._entries[name] = entry
        if len(self._entries) > REMEMBERED:
            self._entries.popitem(last=False)
