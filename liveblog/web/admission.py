"""Whether a reader's stream may begin: one pure function for every way in.

The endpoints call it and so does the fast way in (``entrance.py``), so both refuse alike.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import get_args

from msgspec import Struct

from liveblog.errors import BadRequest, NotAllowed, TooMany, Unavailable
from liveblog.model.position import Position, parse_cursor
from liveblog.types import View
from liveblog.web.rate import network
from liveblog.wire.codec import Codec, Format, Framing
from liveblog.wire.deflate import accept

EXPOSED = ("ETag", "Liveblog-Cursor", "Retry-After")
"""Headers of answers that scripts of other origins may read."""

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
    extension: str | None = None
    """What is answered in Sec-WebSocket-Extensions; None: frames are sent plain."""

    def form(self, framing: Framing) -> Format:
        """The format, one object for all who ask the same: they are compared by identity."""
        return _FORMS[framing, self.codec, self.view]


_FORMS = {
    (framing, codec, view): Format(framing, codec, view)
    for framing in get_args(Framing)
    for codec in get_args(Codec)
    for view in get_args(View)
}


def admit(
    query: Mapping[str, str],
    *,
    origin: str | None,
    allowed_origins: Sequence[str],
    subprotocols: Sequence[str] = (),
    extensions: str | None = None,
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
        extension=accept(extensions) if extensions is not None else None,
    )


def cors(origin: str | None, allowed_origins: Sequence[str]) -> list[tuple[bytes, bytes]]:
    """The headers of an answer that say whose pages may read it (Fetch, section 3.2); as
    Starlette's middleware has them. They always depend on the origin: what a cache kept for
    somebody without one would let no page read it."""
    vary = (b"vary", b"Origin")
    if origin is None:
        return [vary]
    exposed = (b"access-control-expose-headers", ", ".join(EXPOSED).encode())
    if "*" in allowed_origins:
        return [(b"access-control-allow-origin", b"*"), vary, exposed]
    if origin not in allowed_origins:
        return [vary, exposed]
    return [(b"access-control-allow-origin", origin.encode("latin-1")), vary, exposed]


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
    """How many readers are inside, in all and by address (of IPv6 by network, see
    :func:`liveblog.web.rate.network`); one without readers is forgotten at once, so the map is
    bounded by the readers."""

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
        whose = network(address)
        inside = self._by_address.get(whose, 0)
        if inside >= self._limits.per_address:
            raise TooMany("Too many connections from this address.")
        self._all += 1
        self._by_address[whose] = inside + 1

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
        whose = network(address)
        left = self._by_address[whose] - 1
        if left:
            self._by_address[whose] = left
        else:
            del self._by_address[whose]
