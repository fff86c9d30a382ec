"""Whether a reader's stream may begin: one pure function for every way in.

The endpoint calls it now; the fast lane will call the same, so that both refuse alike.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from msgspec import Struct

from liveblog.errors import BadRequest, NotAllowed, TooMany, Unavailable
from liveblog.model.position import Position, parse_cursor
from liveblog.types import View
from liveblog.wire.codec import Codec

SUBPROTOCOLS: dict[str, Codec] = {"liveblog.v1.json": "json", "liveblog.v1.msgpack": "msgpack"}


class Limits(Struct, frozen=True):
    """How many readers one process takes, in all and from one address."""

    readers: int
    per_address: int


class Asked(Struct, frozen=True):
    """What a stream is to be like."""

    after: Position | None
    view: View
    codec: Codec
    subprotocol: str | None


def admit(
    query: Mapping[str, str],
    *,
    origin: str | None,
    allowed_origins: Sequence[str],
    subprotocols: Sequence[str] = (),
    last_event_id: str | None = None,
) -> Asked:
    """What is asked for, when it may be given.

    A missing Origin is no browser, and no cookie is believed here, so it is let in; the
    origin ``null`` (a sandboxed frame, a file) is let in only where everybody is.

    :raises NotAllowed: the origin may not read here.
    :raises BadRequest: the cursor or the view is malformed.
    """
    if origin is not None and "*" not in allowed_origins and origin not in allowed_origins:
        raise NotAllowed("Pages of this origin may not read here.")
    view = read_view(query)
    chosen = next((s for s in subprotocols if s in SUBPROTOCOLS), None)
    cursor = last_event_id or query.get("after")  # an empty one is malformed, not missing
    return Asked(
        after=parse_cursor(cursor) if cursor is not None else None,
        view=view,
        codec=SUBPROTOCOLS[chosen] if chosen else "json",
        subprotocol=chosen,
    )


def read_view(query: Mapping[str, str]) -> View:
    """The view that is asked for.

    :raises BadRequest: there is no such view.
    """
    view = query.get("view", "data")
    if view == "data":
        return "data"
    if view == "page":
        return "page"
    raise BadRequest("view is data or page.")


class Counter:
    """How many readers are inside, in all and by address; an address without readers is
    forgotten at once, so the map is bounded by the readers."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._all = 0
        self._by_address: dict[str, int] = {}

    def enter(self, address: str) -> None:
        """Count a reader in.

        :raises Unavailable: the process is full. :raises TooMany: the address is.
        """
        if self._all >= self._limits.readers:
            raise Unavailable("This server has all the readers it can take.")
        if self._by_address.get(address, 0) >= self._limits.per_address:
            raise TooMany("Too many connections from this address.")
        self._all += 1
        self._by_address[address] = self._by_address.get(address, 0) + 1

    @contextmanager
    def inside(self, address: str) -> Iterator[None]:
        """Count a reader in for the time of the block; raises as :meth:`enter`."""
        self.enter(address)
        try:
            yield
        finally:
            self.leave(address)

    def leave(self, address: str) -> None:
        """Count a reader out."""
        self._all -= 1
        left = self._by_address[address] - 1
        if left:
            self._by_address[address] = left
        else:
            del self._by_address[address]
