"""What writers may send. Strict: an unknown field is refused, every text has a bound.

``UNSET`` means "not mentioned": a PATCH leaves such a field as it is.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from liveblog.errors import BadRequest, FieldError, Invalid
from liveblog.model.blog import Direction, Status, Visibility
from liveblog.model.entry import Byline, EditKind, Embed, Kind, Media, Passage, Quote, Source
from liveblog.types import EntryId

R = TypeVar("R")

MAX_BODY = 50_000
"""Characters of Markdown in one entry; longer texts are articles, and a page must stay light."""

SlugText = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Line = Annotated[str, Meta(min_length=1, max_length=300)]
Lang = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)]
Body = Annotated[str, Meta(max_length=MAX_BODY)]
Headline = Annotated[str, Meta(max_length=300)]
Note = Annotated[str, Meta(max_length=1000)]
Tag = Annotated[str, Meta(min_length=1, max_length=64)]
Moment = Annotated[datetime, Meta(tz=True)]
MediaList = Annotated[tuple[Media, ...], Meta(max_length=20)]
Bylines = Annotated[tuple[Byline, ...], Meta(max_length=20)]
Sources = Annotated[tuple[Source, ...], Meta(max_length=20)]
MOST_TAGS = 20
Tags = Annotated[tuple[Tag, ...], Meta(max_length=MOST_TAGS)]


class NewBlog(Struct, frozen=True, forbid_unknown_fields=True):
    """A blog to make."""

    slug: SlugText
    title: Line
    headline: Headline = ""
    standfirst: Note = ""
    status: Status = "live"
    visibility: Visibility = "draft"
    lang: Lang = "en"
    dir: Direction | UnsetType = UNSET
    time_zone: str = "UTC"
    demo: bool = False


class PatchBlog(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a blog's own data."""

    title: Line | UnsetType = UNSET
    headline: Headline | UnsetType = UNSET
    standfirst: Note | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET
    lang: Lang | UnsetType = UNSET
    dir: Direction | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET


class NewEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """An entry to make; published at once unless ``state`` or ``publish_at`` says otherwise."""

    kind: Kind = "text"
    headline: Headline | None = None
    body: Body = ""
    lang: Lang | None = None
    dir: Direction | None = None
    key: bool = False
    pinned: bool = False
    breaking: bool = False
    card: bool = False
    quote: Quote | None = None
    media: MediaList = ()
    embed: Embed | None = None
    bylines: Bylines = ()
    tags: Tags = ()
    sources: Sources = ()
    state: Literal["draft", "submitted", "scheduled", "published"] | UnsetType = UNSET
    publish_at: Moment | None = None
    published_at: Moment | None = None
    embargo: bool = False


class EditNote(Struct, frozen=True, forbid_unknown_fields=True):
    """What kind of edit it is; a correction says in its note what was wrong."""

    kind: EditKind
    note: Note | None = None


class PatchEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of an entry; ``state`` moves one that is not public yet."""

    kind: Kind | UnsetType = UNSET
    headline: Headline | UnsetType | None = UNSET
    body: Body | UnsetType = UNSET
    lang: Lang | UnsetType | None = UNSET
    dir: Direction | UnsetType | None = UNSET
    key: bool | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET
    breaking: bool | UnsetType = UNSET
    card: bool | UnsetType = UNSET
    quote: Quote | UnsetType | None = UNSET
    media: MediaList | UnsetType = UNSET
    embed: Embed | UnsetType | None = UNSET
    bylines: Bylines | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    sources: Sources | UnsetType = UNSET
    state: Literal["draft", "submitted", "scheduled", "published"] | UnsetType = UNSET
    publish_at: Moment | UnsetType | None = UNSET
    published_at: Moment | UnsetType = UNSET
    embargo: bool | UnsetType = UNSET
    edit: EditNote | None = None


class Retract(Struct, frozen=True, forbid_unknown_fields=True):
    """Why an entry is withdrawn; readers see the note."""

    note: Note | None = None


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """An empty request."""


class DayLine(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the roll-up: its own words, or (null) the entry's headline."""

    entry: EntryId
    text: Headline | None = None


class PatchDay(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a day. ``items`` is the whole list, in order: what is left out is
    dropped, what has a text is reworded."""

    title: Headline | UnsetType | None = UNSET
    items: Annotated[tuple[DayLine, ...], Meta(max_length=200)] | UnsetType = UNSET
    frozen: bool | UnsetType = UNSET


class WithholdRevision(Struct, frozen=True, forbid_unknown_fields=True):
    """Take the words of one old version out of the public history."""

    withheld: Literal[True] = True


class BulkEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """An entry, and the version that is meant."""

    id: EntryId
    revision: int


class Bulk(Struct, frozen=True, forbid_unknown_fields=True):
    """One action on many entries; a ``tag`` is needed to tag and untag, a ``note`` may come with
    a retraction."""

    action: Literal["retract", "restore", "publish", "tag", "untag", "delete_draft"]
    entries: Annotated[tuple[BulkEntry, ...], Meta(min_length=1, max_length=100)]
    note: Note | None = None
    tag: Tag | None = None

    def wrong(self) -> list[FieldError]:
        """What does not go with the action."""
        wrong = []
        if (self.tag is None) is (self.action in ("tag", "untag")):
            told = "A tag is needed." if self.tag is None else "This action takes no tag."
            wrong.append(FieldError("tag", told))
        if self.note is not None and self.action != "retract":
            wrong.append(FieldError("note", "This action takes no note."))
        return wrong


class PatchDesk(Struct, frozen=True, forbid_unknown_fields=True):
    """What editors tell each other; an empty note is none."""

    hand_over: Passage | UnsetType = UNSET
    duty: Bylines | UnsetType = UNSET


def read(body: bytes, shape: type[R]) -> R:
    """The request in ``body`` (JSON, UTF-8; an empty body is an empty object).

    :raises BadRequest: it is not JSON.
    :raises Invalid: a field is unknown, missing, of the wrong type or out of bounds.
    """
    try:
        found = msgspec.json.decode(body or b"{}", type=shape)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at `$")
        raise Invalid(_field(message, where.rstrip("`").lstrip("."))) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"The body is not JSON in UTF-8: {error}") from None
    if b"\\u0000" in body and (path := _nul_in(msgspec.to_builtins(found))) is not None:
        raise Invalid(FieldError(path, "A text cannot hold the character NUL."))
    return found


def _nul_in(value: Any, path: str = "") -> str | None:
    """The path of the first text with a NUL, which PostgreSQL cannot keep."""
    if isinstance(value, str):
        return path if "\0" in value else None
    if isinstance(value, dict):
        inside = [(f"{path}.{k}" if path else k, v) for k, v in value.items()]
    elif isinstance(value, list | tuple):
        inside = [(f"{path}[{n}]", v) for n, v in enumerate(value)]
    else:
        return None
    found = (_nul_in(v, p) for p, v in inside)
    return next((p for p in found if p is not None), None)


def _field(message: str, path: str) -> FieldError:
    """msgspec names the field that is unknown or missing in its message, not in its path."""
    for start in ("Object contains unknown field `", "Object missing required field `"):
        if message.startswith(start):
            name = message.removeprefix(start).rstrip("`")
            told = "This field is not known." if "unknown" in start else "This field is needed."
            return FieldError(f"{path}.{name}" if path else name, told)
    return FieldError(path, message)


def given(patch: Struct) -> dict[str, Any]:
    """The fields a request mentions; its times in UTC, as they are everywhere inside.

    :raises Invalid: a time has no UTC, at the ends of the calendar.
    """
    found: dict[str, Any] = {}
    for name in patch.__struct_fields__:
        value = getattr(patch, name)
        if isinstance(value, datetime):
            try:
                value = value.astimezone(UTC)
            except OverflowError:
                told = "A time between the years 1900 and 2200 is needed."
                raise Invalid(FieldError(name, told)) from None
        if value is not UNSET:
            found[name] = value
    return found


def parse_date(text: str) -> date | None:
    """A date of an address (``2025-07-23``), or None when it is none; years in which
    no live page can be are none, because arithmetic with zones ends near year 1."""
    try:
        found = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return found if found and 1900 <= found.year <= 2200 else None
