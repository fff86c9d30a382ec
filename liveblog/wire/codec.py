"""Bytes. Each change is encoded once for each format and then shared by all who read it.

A *format* says three things: the framing of the transport, the codec of the text and the
view of the subjects. ``Encoded`` keeps the inner object of a change (``seq`` and all) ready
made, so that the same bytes stand in a ``change`` and in any ``changes``.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct

from liveblog.types import BlogId, Cursor, Epoch, Seq, Slug, View
from liveblog.wire import messages as m
from liveblog.wire.deflate import deflate
from liveblog.wire.frames import frame

Framing = Literal["frame", "deflated", "message", "sse"]
"""``frame``: a whole RFC 6455 frame; ``deflated``: the same for who agreed on
permessage-deflate; ``message``: its payload; ``sse``: an event's text."""

DEFLATE_FROM = 256
"""Bytes below which a message is sent plain, though deflate was agreed on."""

Codec = Literal["json", "msgpack"]

Message = (
    m.Hello | m.ChangeMessage | m.ChangesMessage | m.Heartbeat | m.Readers | m.Reset | m.Reconnect
)

_json = msgspec.json.Encoder()
_msgpack = msgspec.msgpack.Encoder()


class Format(NamedTuple):
    """How one reader hears."""

    framing: Framing
    codec: Codec
    view: View


def encode(value: object, codec: Codec = "json") -> bytes:
    """Any message or view as bytes."""
    return _json.encode(value) if codec == "json" else _msgpack.encode(value)


def pack(message: Message, form: Format) -> bytes:
    """A message as the transport takes it.

    An SSE event carries the cursor as its ``id`` (WHATWG HTML, server-sent events); a reset
    carries none, so that the browser does not come back with a cursor that is no good. JSON
    never holds a raw line break, so one ``data:`` line is enough.
    """
    payload = encode(message, form.codec)
    if form.framing == "deflated" and len(payload) >= DEFLATE_FROM:
        return frame(deflate(payload), binary=form.codec == "msgpack", compressed=True)
    if form.framing in ("frame", "deflated"):
        return frame(payload, binary=form.codec == "msgpack")
    if form.framing == "message":
        return payload
    cursor: Cursor | None = getattr(message, "cursor", None)
    head = f"id: {cursor}\n".encode() if cursor is not None else b""
    if isinstance(message, m.Reconnect):
        head = f"retry: {message.after_ms}\n".encode()
    return head + b"data: " + payload + b"\n\n"


class Encoded:
    """A change with its bytes, made when first asked for."""

    __slots__ = ("_blog", "_raw", "_render", "_weight", "subject", "view")

    def __init__(self, view: m.ChangeView, blog: m.BlogView, render: m.Render) -> None:
        self.view = view
        self.subject = m.subject_of_view(view)
        self._blog = blog
        self._render = render
        self._weight = weigh(view)
        self._raw: dict[tuple[Codec, View], bytes] = {}

    @property
    def seq(self) -> Seq:
        """The seq of the change."""
        return self.view.seq

    @property
    def size(self) -> int:
        """Bytes held: about those of the view, and the formats made so far."""
        return self._weight + sum(map(len, self._raw.values()))

    def has(self, codec: Codec, view: View) -> bool:
        """Whether this format is made already."""
        return (codec, view) in self._raw

    def forget(self) -> int:
        """Drop the formats made so far; how many bytes that were."""
        size = self.size
        self._raw.clear()
        return size - self._weight

    def raw(self, codec: Codec, view: View) -> bytes:
        """The change object, for standing inside a message."""
        made = self._raw.get((codec, view))
        if made is None:
            value: object = self.view
            if view == "page":
                value = page_change(self.view, self._blog, self._render)
            made = self._raw[codec, view] = encode(value, codec)
        return made


def weigh(view: m.ChangeView) -> int:
    """About how many bytes a change takes in memory: its texts, and some for the rest."""
    entry = getattr(view, "entry", None)
    texts = (entry.body, entry.html, entry.text) if isinstance(entry, m.EntryView) else ()
    return 1000 + sum(map(len, texts))


def page_change(change: m.ChangeView, blog: m.BlogView, render: m.Render) -> object:
    """The change with its entry or day as a PageItem; the blog's own stays data."""
    kind = change.__struct_config__.tag
    if isinstance(change, m.BlogRevised):
        return change
    if isinstance(change, m.DayRevised):
        return {
            "type": kind,
            "seq": change.seq,
            "at": change.at,
            "day": page_item(change.day, blog, render),
        }
    return {
        "type": kind,
        "seq": change.seq,
        "at": change.at,
        "entry": page_item(change.entry, blog, render),
    }


def page_item(
    value: m.EntryView | m.Tombstone | m.DayView, blog: m.BlogView, render: m.Render
) -> m.PageItem:
    """One subject for the live page."""
    html = str(render(value, blog))
    if isinstance(value, m.DayView):
        return m.PageItem(
            value.date, value.seq, value.revision, "published", False, False, None, html
        )
    if isinstance(value, m.Tombstone):
        return m.PageItem(
            value.id, value.seq, value.revision, "retracted", False, False, None, html
        )
    return m.PageItem(
        value.id,
        value.seq,
        value.revision,
        value.state,
        value.key,
        value.pinned,
        value.published_at,
        html,
    )


def change_message(slug: Slug, epoch: Epoch, change: Encoded, form: Format) -> bytes:
    """One change, packed."""
    cursor = Cursor(f"{epoch}:{change.seq}")
    raw = msgspec.Raw(change.raw(form.codec, form.view))
    return pack(m.ChangeMessage(slug, cursor, change.seq, raw), form)


def changes_message(
    slug: Slug,
    epoch: Epoch,
    after: Seq,
    upto: Seq,
    changes: Iterable[Encoded],
    form: Format,
    poll_after_ms: int | None = None,
) -> bytes:
    """Several changes, packed; they are all of (``after``, ``upto``]."""
    return pack(
        m.ChangesMessage(
            blog=slug,
            from_=Cursor(f"{epoch}:{after}"),
            cursor=Cursor(f"{epoch}:{upto}"),
            seq=upto,
            changes=[msgspec.Raw(c.raw(form.codec, form.view)) for c in changes],
            poll_after_ms=msgspec.UNSET if poll_after_ms is None else poll_after_ms,
        ),
        form,
    )


def cut(changes: Sequence[Encoded], form: Format, limit: int) -> int:
    """How many of ``changes`` go into one message of about ``limit`` bytes; at least one."""
    total = 0
    for count, change in enumerate(changes):
        total += len(change.raw(form.codec, form.view)) + 1
        if total > limit and count:
            return count
    return len(changes)


# Hints -----------------------------------------------------------------------------------


class Hint(Struct, frozen=True):
    """What a writer publishes after its commit: all changes of one transaction, in order.

    Their seqs are dense and end at ``head``. Only a hint: who has a hole reads the store.
    """

    blog_id: BlogId
    epoch: Epoch
    head: Seq
    changes: tuple[m.ChangeView, ...]

    @property
    def before(self) -> Seq:
        """The head just before this transaction."""
        return Seq(self.head - len(self.changes))


_hint_decoder = msgspec.msgpack.Decoder(Hint)


def encode_hint(hint: Hint) -> bytes:
    """The hint as it travels through Redis."""
    return _msgpack.encode(hint)


def decode_hint(payload: bytes) -> Hint | None:
    """The hint, or None when it is none that this build can read (a newer one's, say):
    the next look at the store brings what it would have said."""
    try:
        return _hint_decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def hint_channel(blog_id: BlogId) -> str:
    """The broker channel of a blog's hints."""
    return f"blog:{blog_id}"
