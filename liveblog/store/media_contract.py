"""What the store promises about media; a part of :class:`~liveblog.store.contract.Tx`."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from liveblog.model.entry import State
from liveblog.model.media import MediaUse, Medium
from liveblog.model.quota import UploadDay, Used
from liveblog.types import BlogId, EntryId, MediumId


class Shown(NamedTuple):
    """An entry that shows a medium, as far as it matters for who may see it."""

    state: State
    public: bool


class MediaTx(Protocol):
    """Media and their uses. A medium is used by entries of its own blog only, so whoever has
    locked the blog (:meth:`Tx.lock_blog`) can rely on what it reads of the uses."""

    def medium(self, medium_id: MediumId) -> Medium | None:
        """The medium, whatever its state."""

    def lock_medium(self, medium_id: MediumId) -> Medium | None:
        """The medium, its row locked until the end."""

    def insert_medium(self, medium: Medium) -> None:
        """Add a medium."""

    def save_medium(self, medium: Medium) -> None:
        """Replace every column of the row with this id."""

    def drop_medium(self, medium_id: MediumId) -> None:
        """Forget a medium that is deleted, and what was known of its uses."""

    def media(
        self,
        blog_id: BlogId,
        *,
        before: MediumId | None = None,
        words: Sequence[str] = (),
        own: str | None = None,
        limit: int = 50,
    ) -> list[Medium]:
        """Media of the blog that are not deleted, newest first, below ``before``.

        :param words: each is part of what the file, or an entry that shows it, says of it; as
            :func:`~liveblog.model.media.fold` makes them.
        :param own: the only one whose entries count in that, beside those that are published;
            None: all do.
        """

    def media_of(self, blog_id: BlogId, medium_ids: Iterable[MediumId]) -> dict[MediumId, Medium]:
        """Those of the ids that are media of this blog and not deleted."""

    def count_uses(self, medium_ids: Iterable[MediumId]) -> dict[MediumId, int]:
        """How many entries show each now, drafts and retracted ones too; none: not in it."""

    def shown_in(self, medium_id: MediumId) -> set[Shown]:
        """What sort of entries show it now."""

    def set_uses(self, entry_id: EntryId, uses: Iterable[MediaUse], *, remember: bool) -> None:
        """The entry shows these media from now on, and no other.

        :param remember: what it showed until now may be in caches: it stays as not standing.
        """

    def cached_media(self, blog_id: BlogId, entry_ids: Iterable[EntryId]) -> list[Medium]:
        """The media that these entries show or once showed."""

    def cached_media_of(self, blog_id: BlogId, *, after: str, limit: int) -> list[Medium]:
        """The media that any entry of the blog shows or once showed, oldest id first, above
        ``after``."""

    def claim_medium(self, now: datetime, until: datetime) -> Medium | None:
        """The medium that is longest due, one attempt more; nobody else gets it before
        ``until``, when it comes back by itself. Those that another claims are passed over."""

    def media_waiting(self) -> tuple[int, datetime | None]:
        """How many wait for the worker, and since when the first one is due."""

    # What is used
    def count_upload(self, by: str, day: date, size: int) -> None:
        """Somebody uploads so many bytes on this day; until the end nobody else counts theirs,
        so that of two at once the second sees the first."""

    def media_used(self, by: str, day: date) -> Used:
        """What somebody has uploaded on this day, and the bytes of all files of all media."""

    def uploads_on(self, day: date) -> list[UploadDay]:
        """What everybody has uploaded on this day."""

    def purge_upload_days(self, before: date) -> int:
        """Forget the days before this one; how many went."""
