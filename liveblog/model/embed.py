"""An embed card: what another site says of a page of its own, kept for the blog that asked.

::

    pending ─┬→ ready
             └→ refused ─→ pending, when it is asked for again a while later
"""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from liveblog.types import BlogId

EmbedState = Literal["pending", "ready", "refused"]

AGAIN = timedelta(minutes=2)
"""A page that was refused is asked for anew when it is wanted so much later."""

ATTEMPTS = 4
"""Then a site that does not answer is given up."""


class EmbedCard(Struct, frozen=True):
    """A card as the store keeps it. ``by`` asked for it; ``thumbnail`` is the address of a
    medium of the blog; ``reason`` says why it was refused; ``attempts`` counts claims."""

    blog_id: BlogId
    url: str
    state: EmbedState
    by: str
    asked_at: datetime
    due_at: datetime | None
    provider: str
    title: str | None = None
    author: str | None = None
    thumbnail: str | None = None
    reason: str | None = None
    attempts: int = 0
    claimed_until: datetime | None = None


def ready(card: EmbedCard, *, thumbnail: str | None) -> EmbedCard:
    """The card, done."""
    return replace(card, state="ready", due_at=None, claimed_until=None, thumbnail=thumbnail)


def refused(card: EmbedCard, reason: str) -> EmbedCard:
    """The card, given up."""
    return replace(card, state="refused", due_at=None, claimed_until=None, reason=reason)


def later(card: EmbedCard, reason: str, now: datetime) -> EmbedCard:
    """The card after an attempt that was not answered: due again, or given up."""
    if card.attempts >= ATTEMPTS:
        return refused(card, reason)
    pause = timedelta(seconds=4.0 ** (card.attempts - 1))
    return replace(card, due_at=now + pause, claimed_until=None)


def asked_again(card: EmbedCard, by: str, now: datetime) -> EmbedCard:
    """The card, as it stands or, when it was refused a while ago, to be asked for anew."""
    if card.state != "refused" or now - card.asked_at < AGAIN:
        return card
    return EmbedCard(card.blog_id, card.url, "pending", by, now, now, card.provider)
