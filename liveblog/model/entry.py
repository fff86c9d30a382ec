"""An entry: one update of a live page, in every state it can be in.

States::

    draft ─┬→ submitted ─┬→ scheduled ─→ published ⇄ retracted
           └─────────────┴─────────────────↑   (the last two are public)

Only ``published`` and ``retracted`` exist for the public, and only they have a ``seq``.
A draft that is thrown away becomes ``retracted`` without ever having had an ordinal; for
the public it never was.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from liveblog.types import BlogId, EntryId, Revision, Seq

State = Literal["draft", "submitted", "scheduled", "published", "retracted"]
Kind = Literal["text", "quote", "image", "video", "embed", "summary"]
EditKind = Literal["typo", "update", "correction"]
ChangeType = Literal[
    "entry.published", "entry.revised", "entry.retracted", "day.revised", "blog.revised"
]

Phrase = Annotated[str, Meta(max_length=300)]
Passage = Annotated[str, Meta(max_length=5000)]
Pixels = Annotated[int, Meta(ge=0, le=100_000)]
Address = Annotated[str, Meta(max_length=2000)]
"""Bounds of the texts inside an entry, in characters: one entry stays one light message."""

_RANK: dict[str, int] = {"typo": 0, "update": 1, "correction": 2}


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a statement comes from."""

    title: Phrase
    url: Address | None = None


class Quote(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody said: who (a person or an institution), in which role, on what occasion."""

    text: Passage
    speaker: Phrase
    role: Phrase | None = None
    occasion: Phrase | None = None
    source: Source | None = None


class Rendition(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The same picture or film in another size or format; ``animated`` where the others stand
    still."""

    url: Address
    type: Phrase
    width: Pixels | None = None
    height: Pixels | None = None
    animated: bool = False


class Track(Struct, frozen=True, forbid_unknown_fields=True):
    """Captions, subtitles or a transcript of a film."""

    url: Address
    kind: Phrase
    lang: Phrase


class Media(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A picture, film or sound; ``credit`` is free text because credits are chains.

    ``silent`` says of a film that nothing is spoken in it, so that it needs no captions (WCAG
    1.2.2).
    """

    url: Address
    type: Phrase
    width: Pixels | None = None
    height: Pixels | None = None
    alt: Passage | None = None
    caption: Passage | None = None
    credit: Passage | None = None
    taken_at: Phrase | None = None
    duration: Annotated[float, Meta(ge=0, le=1e7)] | None = None
    poster: Address | None = None
    renditions: Annotated[tuple[Rendition, ...], Meta(max_length=20)] = ()
    tracks: Annotated[tuple[Track, ...], Meta(max_length=20)] = ()
    silent: bool = False


class Embed(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Somebody else's page as a structured card; never their markup."""

    url: Address
    provider: Phrase | None = None
    title: Phrase | None = None
    author: Phrase | None = None
    thumbnail: Address | None = None


class Byline(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who wrote it."""

    name: Phrase
    role: Phrase | None = None
    url: Address | None = None


class Edit(Struct, frozen=True):
    """The mark an edit leaves for readers."""

    kind: EditKind
    at: datetime
    note: str | None = None


class Entry(Struct, frozen=True):
    """One update as the store keeps it.

    ``seq`` and ``change`` are of its newest public change (0 and None before it was ever
    public); ``ordinal`` counts the blog's publications from 1 and never changes; ``by`` is
    the id of the token or person that made it; ``embargo`` that nobody may publish it before
    its ``publish_at``.
    """

    id: EntryId
    blog_id: BlogId
    state: State
    created_at: datetime
    by: str = ""
    seq: Seq = Seq(0)
    change: ChangeType | None = None
    changed_at: datetime | None = None
    revision: Revision = Revision(1)
    ordinal: int | None = None
    kind: Kind = "text"
    headline: str | None = None
    body: str = ""
    html: str = ""
    text: str = ""
    lang: str | None = None
    dir: Literal["ltr", "rtl", "auto"] | None = None
    key: bool = False
    pinned: bool = False
    breaking: bool = False
    card: bool = False
    quote: Quote | None = None
    media: tuple[Media, ...] = ()
    embed: Embed | None = None
    bylines: tuple[Byline, ...] = ()
    tags: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    publish_at: datetime | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    retracted_at: datetime | None = None
    note: str | None = None
    edit: Edit | None = None
    embargo: bool = False

    @property
    def public(self) -> bool:
        """Whether readers may know of it: it is published, or was and is retracted."""
        return self.ordinal is not None


class RevisionRow(Struct, frozen=True):
    """One version of an entry's words, kept for the public history; ``text`` has all of them,
    those of a quote and of captions too.

    ``public`` says whether readers could ever see it; ``withheld`` that an editor has taken
    its words (not its time and note) out of the history.
    """

    entry_id: EntryId
    revision: Revision
    at: datetime
    by: str
    public: bool
    headline: str | None
    body: str
    html: str
    text: str
    edit: Edit | None = None
    withheld: bool = False


CONTENT: tuple[str, ...] = (
    "kind",
    "headline",
    "body",
    "html",
    "text",
    "lang",
    "dir",
    "quote",
    "media",
    "embed",
)
CONTENT += ("bylines", "tags", "sources")


def all_words(entry: Entry) -> str:
    """What the entry says besides its headline, in lines: its history compares these."""
    said: list[str | None] = []
    if entry.quote is not None:
        quote = entry.quote
        said += [quote.text, quote.speaker, quote.role, quote.occasion]
    for medium in entry.media:
        said += [medium.caption, medium.credit]
    return "\n".join(words for words in (*said, entry.text) if words)


def searched_words(entry: Entry) -> list[str]:
    """What an entry is found by at the desk: its headline, all it says, its tags."""
    return [entry.headline or "", all_words(entry), *entry.tags]


def words_differ(before: Entry, after: Entry) -> bool:
    """Whether what a reader reads has changed (flags like key, pinned and card do not count)."""
    return any(getattr(before, name) != getattr(after, name) for name in CONTENT)


def outranks(new: Edit, standing: Edit | None) -> bool:
    """Whether the mark of a new edit replaces the standing one.

    A correction's note must stay readable: a typo or a plain update made later never hides it.
    """
    return standing is None or _RANK[new.kind] >= _RANK[standing.kind]
