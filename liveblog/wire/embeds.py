"""Embed cards as whoever writes here asks for them and is shown them."""

from typing import Annotated

from msgspec import Meta, Struct

from liveblog.model.embed import EmbedCard, EmbedState
from liveblog.wire.links import Links


class NewEmbed(Struct, frozen=True, forbid_unknown_fields=True):
    """Asks for the card of a page."""

    url: Annotated[str, Meta(min_length=1, max_length=2000)]


class EmbedView(Struct, frozen=True):
    """A card as it stands; ``url`` is that of the page, as it is kept. Ready, its other fields
    but ``state`` and ``reason`` are those of an entry's ``embed``."""

    url: str
    state: EmbedState
    provider: str | None = None
    title: str | None = None
    author: str | None = None
    thumbnail: str | None = None
    reason: str | None = None


def embed_view(card: EmbedCard, links: Links) -> EmbedView:
    """The card for whoever asked; a picture that is not there yet is not shown."""
    shown = card.thumbnail if card.state == "ready" else None
    return EmbedView(
        url=card.url,
        state=card.state,
        provider=card.provider,
        title=card.title,
        author=card.author,
        thumbnail=links.media(shown) if shown is not None else None,
        reason=card.reason,
    )
