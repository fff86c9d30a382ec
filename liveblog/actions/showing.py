"""Media in an entry: what it names must be there, and what we know of it is filled in."""

from msgspec.structs import replace

from liveblog.errors import FieldError, Invalid, MediaNotReady
from liveblog.model.entry import Entry
from liveblog.model.media import Medium, filled, named_medium, own_addresses
from liveblog.store.contract import Tx
from liveblog.wire.links import Links


def with_media(tx: Tx, entry: Entry, links: Links) -> Entry:
    """The entry as it is kept: its own media by their paths, with their sizes.

    :raises Invalid: it names a medium that is not in this blog, or could not be read.
    :raises MediaNotReady: readers are to see it, and a picture is not there yet.
    """
    entry = _by_paths(entry, links)
    named = [(path, named_medium(url)) for path, url in own_addresses(entry)]
    wanted = {path: medium for path, medium in named if medium is not None}
    if not wanted:
        return entry
    known = tx.media_of(entry.blog_id, set(wanted.values()))
    wrong = [
        FieldError(path, told)
        for path, medium in wanted.items()
        if (told := _trouble(known.get(medium)))
    ]
    if wrong:
        raise Invalid(*wrong)
    shown = entry.state in ("scheduled", "published")
    if shown and any(medium.state != "ready" for medium in known.values()):
        raise MediaNotReady()
    return filled(entry, known)


def _trouble(medium: Medium | None) -> str:
    if medium is None:
        return "There is no such picture in this blog."
    return medium.reason or "It cannot be used." if medium.state == "failed" else ""


def _by_paths(entry: Entry, links: Links) -> Entry:
    media = tuple(
        replace(
            one,
            url=links.own_path(one.url),
            poster=links.own_path(one.poster) if one.poster else one.poster,
        )
        for one in entry.media
    )
    embed = entry.embed
    if embed is not None and embed.thumbnail:
        embed = replace(embed, thumbnail=links.own_path(embed.thumbnail))
    return replace(entry, media=media, embed=embed)
