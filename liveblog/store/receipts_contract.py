"""What the store promises about receipts; a part of :class:`~liveblog.store.contract.Tx`."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from liveblog.model.receipt import Receipt, Received
from liveblog.types import EntryId


class ReceiptsTx(Protocol):
    """Receipts. None of it locks a blog: no reader's way waits for an editor, nor the other
    way round."""

    def save_receipts(self, receipts: Sequence[Receipt]) -> None:
        """Keep them, each in the place of the same one said before; receipts of older versions
        of these entries are forgotten."""

    def received(self, entry_ids: Iterable[EntryId]) -> dict[EntryId, Received]:
        """What the processes wrote of these entries, of the newest version that any wrote; an
        entry that was written to nobody is missing. In one query."""
