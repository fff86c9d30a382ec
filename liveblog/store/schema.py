"""The whole schema: every table there is, and the Struct it keeps.

A column is called like the field of the Struct, in the same order. So ``Entry(*row)`` is the
way back, and a unit test holds the two together.

Changing a table means a new file in ``migrations/versions``, by hand; a test compares the
migrated schema with this one on both engines.
"""

from msgspec import Struct
from sqlalchemy import Table

from liveblog.model.blog import Blog
from liveblog.model.day import Day
from liveblog.model.desk import Desk
from liveblog.model.embed import EmbedCard
from liveblog.model.entry import Entry, RevisionRow
from liveblog.model.media import MediaUse, Medium
from liveblog.model.people import Invitation, Membership, Person, Session
from liveblog.model.permissions import Token
from liveblog.model.push import Notice, Subscription
from liveblog.model.quota import UploadDay
from liveblog.model.receipt import Receipt
from liveblog.store.contract import Delivery, Replay
from liveblog.store.tables import metadata
from liveblog.store.tables.blogs import blogs, days, outbox, replays
from liveblog.store.tables.desk import desks
from liveblog.store.tables.embeds import embed_cards
from liveblog.store.tables.entries import entries, revisions
from liveblog.store.tables.media import media, media_uses, upload_days
from liveblog.store.tables.people import invitations, memberships, people, sessions, tokens
from liveblog.store.tables.push import notices, subscriptions
from liveblog.store.tables.receipts import receipts

__all__ = ["KEPT", "metadata"]

KEPT: dict[Table, type[Struct]] = {
    blogs: Blog,
    entries: Entry,
    days: Day,
    revisions: RevisionRow,
    replays: Replay,
    outbox: Delivery,
    tokens: Token,
    people: Person,
    memberships: Membership,
    sessions: Session,
    invitations: Invitation,
    desks: Desk,
    subscriptions: Subscription,
    notices: Notice,
    media: Medium,
    media_uses: MediaUse,
    upload_days: UploadDay,
    receipts: Receipt,
    embed_cards: EmbedCard,
}
"""Which Struct a table keeps, field by field."""
