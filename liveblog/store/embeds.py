"""Embed cards in SQL: what each method promises stands in the contract beside this file."""

from datetime import datetime
from typing import Any

from msgspec.structs import asdict, replace
from sqlalchemy import Connection, Integer, bindparam, delete, func, insert, or_, select, update

from liveblog.model.embed import EmbedCard
from liveblog.store.columns import WORD, Moment
from liveblog.store.embeds_contract import EmbedsTx
from liveblog.store.tables.embeds import CARD_DUE, embed_cards
from liveblog.types import BlogId

_NOW = bindparam("now", type_=Moment)
_THIS = (
    embed_cards.c.blog_id == bindparam("key_blog_id", type_=WORD),
    embed_cards.c.url == bindparam("key_url", type_=WORD),
)

EMBED_CARD = select(embed_cards).where(*_THIS).with_for_update()
INSERT_EMBED_CARD = insert(embed_cards)
SAVE_EMBED_CARD = (
    update(embed_cards)
    .where(*_THIS)
    .values({c.name: bindparam(c.name, type_=c.type) for c in embed_cards.c if not c.primary_key})
)
COUNT_PENDING_CARDS = (
    select(func.count())
    .select_from(embed_cards)
    .where(embed_cards.c.blog_id == bindparam("blog", type_=WORD), CARD_DUE)
)
# Whoever comes at the same moment passes these rows over; who comes later sees the claim.
DUE_EMBED_CARDS = (
    select(embed_cards)
    .where(
        CARD_DUE,
        embed_cards.c.due_at <= _NOW,
        or_(embed_cards.c.claimed_until.is_(None), embed_cards.c.claimed_until <= _NOW),
    )
    .order_by(embed_cards.c.due_at)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
)
PURGE_EMBED_CARDS = delete(embed_cards).where(
    embed_cards.c.asked_at < bindparam("before", type_=Moment), embed_cards.c.due_at.is_(None)
)


class SqlEmbeds(EmbedsTx):
    """An :class:`~liveblog.store.embeds_contract.EmbedsTx` on a connection inside a
    transaction."""

    _connection: Connection

    def embed_card(self, blog_id: BlogId, url: str) -> EmbedCard | None:
        asked = {"key_blog_id": blog_id, "key_url": url}
        row = self._connection.execute(EMBED_CARD, asked).first()
        return None if row is None else EmbedCard(*row)

    def insert_embed_card(self, card: EmbedCard) -> None:
        self._connection.execute(INSERT_EMBED_CARD, asdict(card))

    def save_embed_card(self, card: EmbedCard) -> None:
        values: dict[str, Any] = asdict(card)
        for name in ("blog_id", "url"):
            values[f"key_{name}"] = values.pop(name)
        self._connection.execute(SAVE_EMBED_CARD, values)

    def count_pending_cards(self, blog_id: BlogId) -> int:
        return int(self._connection.execute(COUNT_PENDING_CARDS, {"blog": blog_id}).scalar_one())

    def claim_embed_cards(self, now: datetime, until: datetime, limit: int) -> list[EmbedCard]:
        rows = self._connection.execute(DUE_EMBED_CARDS, {"now": now, "limit": limit})
        cards = [EmbedCard(*row) for row in rows]
        claimed = [replace(c, attempts=c.attempts + 1, claimed_until=until) for c in cards]
        for card in claimed:
            self.save_embed_card(card)
        return claimed

    def purge_embed_cards(self, before: datetime) -> int:
        return self._connection.execute(PURGE_EMBED_CARDS, {"before": before}).rowcount
