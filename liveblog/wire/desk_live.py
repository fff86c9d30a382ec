"""What the desks of a blog are told live, and what processes tell each other of them.

All of it is a hint: it says where to look, and losing it loses nothing but promptness. What a
desk is told crosses the border as JSON; what goes from process to process is msgpack, and a
message that this build cannot read (a newer one's) is passed over.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from liveblog.model.entry import State
from liveblog.types import BlogId, EntryId, Revision, Slug

PROCESSES = "desks"
"""The broker channel on which a process says whose desks it has open."""


def desk_channel(blog_id: BlogId) -> str:
    """The broker channel of what concerns the desks of a blog."""
    return f"desk:{blog_id}"


class Who(Struct, frozen=True):
    """Somebody at a desk, by id and name."""

    id: str
    name: str


# To a desk ------------------------------------------------------------------------------------


class DeskHello(Struct, frozen=True, tag="hello"):
    """The first message. Without a ``presence`` for two ``beat_seconds``, hints do not come."""

    blog: Slug
    you: Who
    beat_seconds: int
    build: str
    protocol: int = 1


class Person(Struct, frozen=True):
    """Somebody who is here, and the entry they work on."""

    id: str
    name: str
    entry: EntryId | None
    idle: bool


class Presence(Struct, frozen=True, tag="presence"):
    """Everybody who is here, in every process."""

    people: list[Person]


class Touched(Struct, frozen=True, tag="touched"):
    """An entry was written, public or not; ``by`` is None where a worker did it."""

    entry: EntryId
    state: State
    revision: Revision
    by: Who | None


class DeskRevised(Struct, frozen=True, tag="desk"):
    """The hand-over note was changed, or who is on duty."""

    revision: Revision
    by: Who | None


class BlogRevised(Struct, frozen=True, tag="blog"):
    """The blog's own data were changed: its words, status, zone or who may read it."""

    revision: Revision
    by: Who | None


class Counts(Struct, frozen=True, tag="counts"):
    """How many entries there are in each state; to who may only submit, of their own."""

    draft: int
    submitted: int
    scheduled: int
    published: int
    retracted: int


def counts_of(counts: Mapping[State, int]) -> Counts:
    """The message that tells these."""
    return Counts(
        draft=counts["draft"],
        submitted=counts["submitted"],
        scheduled=counts["scheduled"],
        published=counts["published"],
        retracted=counts["retracted"],
    )


class DeskReaders(Struct, frozen=True, tag="readers"):
    """How many read the blog now, in every process."""

    count: int


class ReceiptMessage(Struct, frozen=True, tag="receipt"):
    """This version of an entry was written to so many readers, the last one ``ms``
    milliseconds after the change."""

    entry: EntryId
    revision: Revision
    readers: int
    ms: int


class EmbedMessage(Struct, frozen=True, tag="embed"):
    """The card you asked for is done."""

    url: str
    state: str


class MediaState(Struct, frozen=True, tag="media"):
    """What has become of an upload."""

    id: str
    state: str


class Missed(Struct, frozen=True, tag="missed"):
    """Hints may have been lost: read again."""


class DeskReconnect(Struct, frozen=True, tag="reconnect"):
    """Come back after so many milliseconds; the connection ends."""

    blog: Slug
    after_ms: int
    reason: Literal["draining"] = "draining"


DeskMessage = (
    DeskHello
    | Presence
    | Touched
    | DeskRevised
    | BlogRevised
    | Counts
    | DeskReaders
    | ReceiptMessage
    | EmbedMessage
    | MediaState
    | Missed
    | DeskReconnect
)

_json = msgspec.json.Encoder()


def tell(message: DeskMessage) -> bytes:
    """A message as a desk gets it."""
    return _json.encode(message)


# From a desk ----------------------------------------------------------------------------------


class Working(Struct, frozen=True, tag="working", forbid_unknown_fields=True):
    """What its person works on; said whenever that changes, and every ten seconds."""

    entry: EntryId | None


SAID_MAX = 512
"""Characters of what a desk may say at a time."""

_working = msgspec.json.Decoder(Working)


def read_working(text: str | None) -> Working | None:
    """What a desk says; None when it is anything else."""
    try:
        return None if text is None or len(text) > SAID_MAX else _working.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None


# Between processes ----------------------------------------------------------------------------


class Spot(Struct, frozen=True):
    """An entry somebody works on: who made it, and whether readers ever saw it."""

    entry: EntryId
    by: str
    public: bool


class Here(Struct, frozen=True):
    """Somebody who is here. ``turned`` seconds ago they turned to this spot, ``quiet`` seconds
    ago they last said what they work on."""

    who: Who
    spot: Spot | None
    turned: float
    quiet: float


class HereHint(Struct, frozen=True, tag="here"):
    """Everybody who is here in one process."""

    process: str
    people: tuple[Here, ...]


class ReadersHint(Struct, frozen=True, tag="readers"):
    """How many read the blog in one process."""

    process: str
    count: int


class TouchHint(Struct, frozen=True, tag="touch"):
    """An entry was written; what a desk needs to know whether it may be told."""

    spot: Spot
    state: State
    revision: Revision
    by: Who | None


class DeskRevisedHint(Struct, frozen=True, tag="desk"):
    """The hand-over note was changed, or who is on duty."""

    revision: Revision
    by: Who | None


class BlogRevisedHint(Struct, frozen=True, tag="blog"):
    """The blog's own data were changed."""

    revision: Revision
    by: Who | None


class ReceiptHint(Struct, frozen=True, tag="receipt"):
    """There are new receipts of these entries: the store has them."""

    entries: tuple[EntryId, ...]


class EmbedHint(Struct, frozen=True, tag="embed"):
    """A card is done, which somebody asked for."""

    url: str
    state: str
    by: str


class MediaHint(Struct, frozen=True, tag="media"):
    """What has become of an upload."""

    id: str
    state: str


DeskHint = (
    HereHint
    | ReadersHint
    | TouchHint
    | DeskRevisedHint
    | BlogRevisedHint
    | ReceiptHint
    | EmbedHint
    | MediaHint
)


class Watching(Struct, frozen=True):
    """These blogs have desks open somewhere: whoever has readers of them says how many."""

    blogs: tuple[BlogId, ...]


_msgpack = msgspec.msgpack.Encoder()
_hints: msgspec.msgpack.Decoder[DeskHint] = msgspec.msgpack.Decoder(DeskHint)
_watching = msgspec.msgpack.Decoder(Watching)


def encode_desk(hint: DeskHint | Watching) -> bytes:
    """A hint as it travels."""
    return _msgpack.encode(hint)


def decode_desk(payload: bytes) -> DeskHint | None:
    """The hint, or None when it is none that this build can read."""
    try:
        return _hints.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def decode_watching(payload: bytes) -> tuple[BlogId, ...]:
    """Whose desks are open; nobody's when it cannot be read."""
    try:
        return _watching.decode(payload).blogs
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ()
