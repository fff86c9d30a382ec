"""A medium: a picture that somebody uploaded to a blog.

::

    upload → processing ─┬→ ready ──┬→ deleted   (then its files go, then its row)
                         └→ failed ─┘

The original is kept and never served; readers get the renditions that the worker makes of it.
An entry names a medium of its own blog by an address, ``/media/{id}/{file}``, kept without the
host and the path of ``LIVEBLOG_PUBLIC_URL``, so that both may change.
"""

import re
import unicodedata
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from liveblog.model.entry import Entry, Media, Rendition
from liveblog.model.ids import is_id
from liveblog.types import BlogId, EntryId, MediumId

MediaState = Literal["processing", "ready", "failed", "deleted"]

SEARCHED = 1000
"""Characters of a text that a search looks through: to put a pile of combining marks in order
takes time by its square."""

_OWN = re.compile("/media/([0-9a-z]{26})/[^/]+", re.ASCII)


class Proposed(Struct, frozen=True, omit_defaults=True):
    """What the file itself says of the picture; an editor takes it over or does not.

    ``taken_at`` is ISO 8601 as the camera wrote it, mostly without an offset. There is no
    alternative text: nobody but a person says what a picture shows.
    """

    caption: str | None = None
    credit: str | None = None
    taken_at: str | None = None


class Medium(Struct, frozen=True):
    """A medium as the store keeps it.

    ``file`` is the name of the picture that stands for it, in the pixels ``width`` and
    ``height`` and of the media type ``type``; ``original`` is the media type of what was
    uploaded, ``bytes`` its size. ``reason`` says why it failed. ``words`` is what a search
    looks through. ``attempts`` counts claims of the worker. ``stored`` is the size of all its
    files, in bytes.
    """

    id: MediumId
    blog_id: BlogId
    state: MediaState
    created_at: datetime
    due_at: datetime | None
    by: str
    name: str
    original: str
    bytes: int
    file: str
    type: str
    width: int
    height: int
    proposed: Proposed = Proposed()
    renditions: tuple[Rendition, ...] = ()
    reason: str | None = None
    words: str = ""
    attempts: int = 0
    claimed_until: datetime | None = None
    stored: int = 0

    @property
    def url(self) -> str:
        """The address of the picture that stands for it."""
        return media_path(self.id, self.file)


class MediaUse(Struct, frozen=True):
    """An entry and a medium it shows. ``standing`` is False for one that the published entry
    showed earlier: caches may still have it. ``words`` is what the entry says of it."""

    entry_id: EntryId
    medium_id: MediumId
    standing: bool
    words: str = ""


def media_path(medium: MediumId, file: str) -> str:
    """The path of a file of a medium, below our own base."""
    return f"/media/{medium}/{file}"


def named_medium(path: str | None) -> MediumId | None:
    """The medium that a path of ours names; None when it is the path of something else."""
    found = _OWN.fullmatch(path or "")
    return MediumId(found[1]) if found and is_id(found[1]) else None


def own_addresses(entry: Entry) -> list[tuple[str, str]]:
    """Every place of an entry that may name a medium, as (path of the field, address)."""
    places: list[tuple[str, str | None]] = []
    for n, medium in enumerate(entry.media):
        places += [(f"media[{n}].url", medium.url), (f"media[{n}].poster", medium.poster)]
    if entry.embed is not None:
        places.append(("embed.thumbnail", entry.embed.thumbnail))
    return [(path, url) for path, url in places if url is not None]


def uses_of(entry: Entry) -> dict[MediumId, MediaUse]:
    """The media that an entry shows, each once."""
    said: dict[MediumId, list[str]] = {}
    for _, url in own_addresses(entry):
        if (name := named_medium(url)) is not None:
            said.setdefault(name, [])
    for medium in entry.media:
        if (name := named_medium(medium.url)) is not None:
            said[name] += [w for w in (medium.alt, medium.caption, medium.credit) if w]
    return {name: MediaUse(entry.id, name, True, fold(*words)) for name, words in said.items()}


def filled(entry: Entry, known: dict[MediumId, Medium]) -> Entry:
    """The entry with what the server itself knows of the pictures in it: address, type, size
    and renditions. The words are the editor's."""
    media = []
    for one in entry.media:
        medium = known.get(named_medium(one.url) or MediumId(""))
        media.append(one if medium is None else _shown(one, medium))
    return replace(entry, media=tuple(media))


def _shown(one: Media, medium: Medium) -> Media:
    return replace(
        one,
        url=medium.url,
        type=medium.type,
        width=medium.width,
        height=medium.height,
        renditions=medium.renditions,
    )


def fold(*words: str) -> str:
    """Words in the form in which they are searched for."""
    # Names of files come decomposed from some systems: "и" and a breve for "й".
    some = " ".join(word[:SEARCHED] for word in words)
    return " ".join(unicodedata.normalize("NFKC", some).casefold().split())
