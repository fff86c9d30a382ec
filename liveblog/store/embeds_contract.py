"""What the store promises about embed cards; a part of :class:`~liveblog.store.contract.Tx`."""

from datetime import datetime
from typing import Protocol

from liveblog.model.embed import EmbedCard
from liveblog.types import BlogId


class EmbedsTx(Protocol):
    """Embed cards. None of it locks a blog."""

    def embed_card(self, blog_id: BlogId, url: str) -> EmbedCard | None:
        """The card of a page, its row locked until the end."""

    def insert_embed_card(self, card: EmbedCard) -> None:
        """Add one. When somebody did so at the same moment, the engine rolls back and runs the
        whole function again."""

    def save_embed_card(self, card: EmbedCard) -> None:
        """Replace every column of the row of this page."""

    def count_pending_cards(self, blog_id: BlogId) -> int:
        """How many of a blog's cards wait for the worker."""

    def claim_embed_cards(self, now: datetime, until: datetime, limit: int) -> list[EmbedCard]:
        """Cards that are due, the one that is longest due first, one attempt more; nobody else
        gets them before ``until``, when they come back by themselves. Those that another claims
        are passed over."""

    def purge_embed_cards(self, before: datetime) -> int:
        """Forget cards asked for before that wait for nothing; how many went."""
