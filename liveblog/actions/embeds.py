"""Embed cards: asking for one. The worker asks the site."""

import logging

from msgspec.structs import replace

from liveblog.embeds import Providers, sound_address
from liveblog.errors import TooMany
from liveblog.model.embed import EmbedCard, asked_again
from liveblog.model.media import named_medium
from liveblog.model.permissions import Principal, require_desk
from liveblog.store.contract import Tx
from liveblog.types import Slug
from liveblog.wire.embeds import EmbedView, embed_view

from .door import Door

log = logging.getLogger("liveblog.actions")

WAKE = "embeds"
"""The broker's channel on which the worker is woken."""

PENDING = 50
"""Cards of one blog that may wait for the worker."""


class EmbedActions:
    """What can be done with embed cards.

    :param providers: the sites that may be asked.
    """

    def __init__(self, door: Door, providers: Providers) -> None:
        self._door = door
        self._providers = providers

    async def ask(self, slug: Slug, url: str, who: Principal) -> EmbedView:
        """The card of a page as it stands; the first time it is pending, or refused at once when
        nobody may be asked about this page.

        :raises Invalid: it is no address of a page.
        :raises TooMany: too many of the blog are pending.
        :raises NotAllowed, NotFound: as for every write of ``submit``.
        """
        url = sound_address(url)
        provider = self._providers.find(url)

        def work(tx: Tx) -> EmbedCard | None:
            blog = require_desk(who, "submit", tx.blog(slug))
            if provider is None:
                return None
            now = self._door.clock()
            card = tx.embed_card(blog.id, url)
            if card is not None:
                again = asked_again(card, who.id, now)
                if again != card:
                    tx.save_embed_card(again)
                return shown(tx, again)
            if tx.count_pending_cards(blog.id) >= PENDING:
                raise TooMany("Too many cards of this blog are being made; wait for them.")
            card = EmbedCard(blog.id, url, "pending", who.id, now, now, provider.name)
            tx.insert_embed_card(card)
            return card

        card = await self._door.store.write(work)
        if card is None:
            return EmbedView(url, "refused", reason=self._unknown())
        if card.state == "pending":
            self._wake()
        return embed_view(card, self._door.links)

    def _unknown(self) -> str:
        if not self._providers.names:
            return "No cards are made here; set a link in the text."
        return f"Cards are made of pages of {self._providers.names}; set a link in the text."

    def _wake(self) -> None:
        try:
            self._door.broker.publish(WAKE, b"")
        except Exception:
            log.exception("the worker could not be woken; it looks by itself")


def shown(tx: Tx, card: EmbedCard) -> EmbedCard:
    """The card without a picture that was thrown away since."""
    medium = named_medium(card.thumbnail)
    if medium is None or tx.media_of(card.blog_id, [medium]):
        return card
    return replace(card, thumbnail=None)
