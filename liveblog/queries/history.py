"""What an entry said before, as the public may read it."""

from datetime import datetime

from msgspec import Struct

from liveblog.model.entry import Edit
from liveblog.store.contract import Tx
from liveblog.types import EntryId, Revision


class RevisionView(Struct, frozen=True):
    """One version of an entry's words; a withheld one has none."""

    revision: Revision
    at: datetime
    edit: Edit | None
    withheld: bool
    headline: str | None
    html: str | None
    text: str | None


def public_revisions(tx: Tx, entry_id: EntryId) -> list[RevisionView]:
    """The versions that readers could ever see, oldest first."""
    return [
        RevisionView(
            revision=row.revision,
            at=row.at,
            edit=row.edit,
            withheld=row.withheld,
            headline=None if row.withheld else row.headline,
            html=None if row.withheld else row.html,
            text=None if row.withheld else row.text,
        )
        for row in tx.revisions(entry_id)
        if row.public
    ]
