"""Media as they cross the border: in the library, and inside an entry."""

from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from liveblog.model.entry import Embed, Media, Rendition
from liveblog.model.media import Medium, named_medium
from liveblog.types import MediumId, Slug
from liveblog.wire.links import Links


class ProposedView(Struct, frozen=True):
    """What the file itself says, for an editor to take over or not."""

    caption: str | None
    credit: str | None
    taken_at: str | None


class MediumView(Struct, frozen=True):
    """A medium for whoever may use it. ``url``, ``type``, ``width`` and ``height`` are those of
    the picture that stands for it, ``bytes`` is the size of what was uploaded; ``uses`` says how
    many entries show it."""

    id: MediumId
    blog: Slug
    name: str
    url: str
    type: str
    width: int
    height: int
    bytes: int
    state: Literal["processing", "ready", "failed", "deleted"]
    reason: str | None
    proposed: ProposedView
    renditions: tuple[Rendition, ...]
    uses: int
    by: str
    created_at: datetime


def medium_view(medium: Medium, slug: Slug, uses: int, links: Links) -> MediumView:
    """The medium, its addresses whole."""
    said = medium.proposed
    return MediumView(
        id=medium.id,
        blog=slug,
        name=medium.name,
        url=links.media(medium.url),
        type=medium.type,
        width=medium.width,
        height=medium.height,
        bytes=medium.bytes,
        state=medium.state,
        reason=medium.reason,
        proposed=ProposedView(said.caption, said.credit, said.taken_at),
        renditions=_renditions(medium.renditions, links),
        uses=uses,
        by=medium.by,
        created_at=medium.created_at,
    )


def shown_media(media: tuple[Media, ...], links: Links) -> tuple[Media, ...]:
    """The media of an entry as readers get them: the addresses of our own made whole."""
    if not links.base:
        return media
    return tuple(
        replace(
            one,
            url=_whole(one.url, links),
            poster=_whole(one.poster, links) if one.poster else one.poster,
            renditions=_renditions(one.renditions, links),
        )
        for one in media
    )


def shown_embed(embed: Embed | None, links: Links) -> Embed | None:
    """The same for the picture of a card."""
    if embed is None or not embed.thumbnail or not links.base:
        return embed
    return replace(embed, thumbnail=_whole(embed.thumbnail, links))


def _renditions(renditions: tuple[Rendition, ...], links: Links) -> tuple[Rendition, ...]:
    return tuple(replace(one, url=_whole(one.url, links)) for one in renditions)


def _whole(address: str, links: Links) -> str:
    return links.media(address) if named_medium(address) else address
