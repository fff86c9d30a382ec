"""Makes embed cards: asks the site what its page is, and keeps its picture as a medium of ours.

A card is claimed in the database, so any number of these may run. A site that does not answer is
asked again, with growing pauses; so often in vain, the card is refused, with a sentence. Its
picture is fetched here and kept, so that no reader's browser asks the site for it; where that
cannot be, the card is ready without one.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from hashlib import sha256

from msgspec.structs import replace

from liveblog.actions import Actions, Ask
from liveblog.actions.door import Door
from liveblog.actions.embeds import WAKE
from liveblog.actions.media import MediaActions, Upload, quota_of
from liveblog.config import Settings
from liveblog.embeds import Busy, Fetcher, Provider, Providers, Unfit, providers_of, read_answer
from liveblog.embeds.fetching import Wanted
from liveblog.embeds.oembed import Unreadable
from liveblog.errors import Refusal
from liveblog.media import Confined, Storage, open_storage
from liveblog.model.blog import Blog
from liveblog.model.embed import EmbedCard, later, ready, refused
from liveblog.model.media import MediaState, named_medium
from liveblog.model.permissions import Principal
from liveblog.model.quota import Quota
from liveblog.store.contract import Tx
from liveblog.wire.desk_live import EmbedHint, desk_channel, encode_desk
from workers.base import Job

CLAIM = timedelta(seconds=60)
"""Then the cards of a worker that died are another's; no attempt takes as long."""
BATCH = 8
"""Cards that are seen to at once."""
ANSWER = Wanted(("application/json", "text/json", "application/json+oembed"), 256 * 1024)
PICTURE = Wanted(("image/",), 5 * 1024 * 1024)
LOOK = timedelta(seconds=1)
PATIENCE = timedelta(seconds=60)
"""For the picture; then the card is ready without it."""
KEPT = timedelta(days=30)
"""An entry has what it shows; the card is only for those who ask again."""
NAME = 200

logger = logging.getLogger(__name__)


class Maker:
    """The handler of the embeds job.

    :param storage, confined, pixels, quota: as :class:`MediaActions` has them, for the pictures.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        providers: Providers,
        storage: Storage,
        confined: Confined,
        pixels: int,
        quota: Quota,
    ) -> None:
        self._fetcher = fetcher
        self._providers = providers
        self._storage = storage
        self._confined = confined
        self._pixels = pixels
        self._quota = quota

    async def __call__(self, actions: Actions, now: datetime) -> int:
        """See to the cards that are due; how many that were."""
        store = actions.door.store
        cards = await store.write(lambda tx: tx.claim_embed_cards(now, now + CLAIM, BATCH))
        works = [self._see_to(actions, card) for card in cards]
        # Each to its end, whatever becomes of the others; what failed is due again by its claim.
        ended = await asyncio.gather(*works, return_exceptions=True)
        failures = [error for error in ended if isinstance(error, BaseException)]
        if failures:
            logger.warning("%d of %d cards could not be seen to", len(failures), len(cards))
            raise failures[0]
        return len(cards)

    async def _see_to(self, actions: Actions, card: EmbedCard) -> None:
        store = actions.door.store
        blog = await store.read(lambda tx: tx.blog_by_id(card.blog_id))
        if blog is None:
            return
        if card.thumbnail is None:
            after = await self._made(actions, card, blog)
        else:
            state = await store.read(lambda tx: state_of(tx, card))
            after = with_picture(card, state, actions.door.clock())
        if await store.write(lambda tx: settle(tx, card, after)):
            hint = EmbedHint(card.url, after.state, card.by)
            actions.door.broker.publish(desk_channel(blog.id), encode_desk(hint))

    async def _made(self, actions: Actions, card: EmbedCard, blog: Blog) -> EmbedCard:
        try:
            return await self._asked(actions, card, blog)
        except Exception:  # one that cannot be made must not hold up the others for ever
            logger.exception("a card of %s could not be made", card.provider)
            return later(card, "The card could not be made.", actions.door.clock())

    async def _asked(self, actions: Actions, card: EmbedCard, blog: Blog) -> EmbedCard:
        """The card with what the site says of its page."""
        provider = self._providers.named(card.provider)
        if provider is None:
            return refused(card, f"{card.provider} is not asked any more.")
        try:
            body = await self._fetcher.get(provider.question(card.url), ANSWER)
            said = read_answer(body)
        except (Unfit, Unreadable) as error:
            return refused(card, no_card(provider, error))
        except Busy as error:
            logger.info("%s: %s", provider.name, error)
            return later(card, no_card(provider, error), actions.door.clock())
        if said.title is None and said.author is None:
            return refused(card, f"{provider.name} says nothing of this page.")
        card = replace(card, title=said.title, author=said.author)
        path = await self._kept(actions.door, card, blog, said.thumbnail)
        if path is None:
            return ready(card, thumbnail=None)
        return waiting(replace(card, thumbnail=path), actions.door.clock())

    async def _kept(self, door: Door, card: EmbedCard, blog: Blog, url: str | None) -> str | None:
        """The path of the picture as a medium of the blog; None when it cannot be one."""
        if url is None:
            return None
        media = MediaActions(door, self._storage, self._confined, self._pixels, self._quota)
        try:
            content = await self._fetcher.get(url, PICTURE)
            # In the name of who asked, whose quota it counts for; the same picture for the same
            # page is kept once.
            who = Principal(card.by, card.provider, "submit", blog.id)
            digest = sha256(content).hexdigest()
            key = sha256(f"{blog.id}\n{card.url}\n{digest}".encode()).hexdigest()
            name = f"{card.provider}: {card.title or card.author}"[:NAME]
            upload = Upload(name, content)
            made = await media.upload(blog.slug, upload, Ask(who, key, digest))
        except (Unfit, Busy, Refusal) as error:
            logger.info("no picture of %s: %s", card.provider, error)
            return None
        return door.links.own_path(made.url)


def no_card(provider: Provider, error: Exception) -> str:
    """Why a site gives no card, for people."""
    return f"{provider.name} gives no card of this page: {error}."


def waiting(card: EmbedCard, now: datetime) -> EmbedCard:
    """The card, whose picture is not there yet."""
    return replace(card, due_at=now + LOOK, claimed_until=None)


def with_picture(card: EmbedCard, state: MediaState | None, now: datetime) -> EmbedCard:
    """The card, as its picture now is."""
    if state == "ready":
        return ready(card, thumbnail=card.thumbnail)
    if state == "processing" and now - card.asked_at < PATIENCE:
        return waiting(card, now)
    return ready(card, thumbnail=None)


def state_of(tx: Tx, card: EmbedCard) -> MediaState | None:
    """How the card's picture is; None when there is none."""
    name = named_medium(card.thumbnail)
    medium = tx.medium(name) if name is not None else None
    return medium.state if medium is not None else None


def settle(tx: Tx, claimed: EmbedCard, after: EmbedCard) -> bool:
    """Keep what became of a claimed card; whether it is done now. Nothing happens when it is
    another's by now."""
    now = tx.embed_card(claimed.blog_id, claimed.url)
    if now is None or (now.asked_at, now.attempts) != (claimed.asked_at, claimed.attempts):
        return False
    tx.save_embed_card(after)
    return after.state != "pending"


async def purge(actions: Actions, now: datetime) -> int:
    """Forget cards that were asked for long ago."""
    return await actions.door.store.write(lambda tx: tx.purge_embed_cards(now - KEPT))


def jobs(settings: Settings) -> list[Job]:
    """The jobs.

    :raises ConfigError: LIVEBLOG_EMBED_PROVIDERS names what is not there.
    """
    providers = providers_of(settings.embed_providers)
    storage, pixels = open_storage(settings), settings.media_max_pixels
    maker = Maker(Fetcher(), providers, storage, Confined(), pixels, quota_of(settings))
    return [
        Job("embeds", 2.0, maker, batch=BATCH, channel=WAKE),
        Job("embeds: purge", 3600.0, purge),
    ]
