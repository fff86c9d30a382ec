"""Receipts in SQL: what each method promises stands in the contract beside this file."""

from collections.abc import Iterable, Sequence

from msgspec.structs import asdict
from sqlalchemy import Connection, Integer, bindparam, delete, func, insert, or_, select

from liveblog.model.receipt import Receipt, Received
from liveblog.store.columns import WORD
from liveblog.store.receipts_contract import ReceiptsTx
from liveblog.store.tables.receipts import receipts
from liveblog.types import EntryId

# The same one, said before, goes with the older ones; so it needs no upsert of either engine.
FORGET_RECEIPTS = delete(receipts).where(
    receipts.c.entry_id == bindparam("entry", type_=WORD),
    or_(
        receipts.c.revision < bindparam("version", type_=Integer),
        receipts.c.process == bindparam("teller", type_=WORD),
    ),
)
INSERT_RECEIPTS = insert(receipts)
RECEIVED = (
    select(
        receipts.c.entry_id,
        receipts.c.revision,
        func.sum(receipts.c.readers),
        func.max(receipts.c.ms),
    )
    .where(receipts.c.entry_id.in_(bindparam("ids", expanding=True, type_=WORD)))
    .group_by(receipts.c.entry_id, receipts.c.revision)
    .order_by(receipts.c.revision)
)


class SqlReceipts(ReceiptsTx):
    """A :class:`~liveblog.store.receipts_contract.ReceiptsTx` on a connection inside a
    transaction."""

    _connection: Connection

    def save_receipts(self, receipts: Sequence[Receipt]) -> None:
        newest: dict[EntryId, Receipt] = {}
        for receipt in receipts:
            known = newest.get(receipt.entry_id)
            if known is None or known.revision <= receipt.revision:
                newest[receipt.entry_id] = receipt
        # In one order everywhere: two processes never wait for each other in a circle.
        rows = [newest[entry_id] for entry_id in sorted(newest)]
        if not rows:
            return
        gone = [{"entry": r.entry_id, "version": r.revision, "teller": r.process} for r in rows]
        self._connection.execute(FORGET_RECEIPTS, gone)
        self._connection.execute(INSERT_RECEIPTS, [asdict(row) for row in rows])

    def received(self, entry_ids: Iterable[EntryId]) -> dict[EntryId, Received]:
        rows = self._connection.execute(RECEIVED, {"ids": list(entry_ids)})
        # The highest version comes last and stays.
        return {EntryId(row[0]): Received(row[1], int(row[2]), row[3]) for row in rows}
