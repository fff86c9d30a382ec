"""How soon readers had what was published."""

from sqlalchemy import Column, ForeignKey, Integer, Table

from liveblog.store.columns import WORD
from liveblog.store.tables import metadata
from liveblog.store.tables.entries import entries

receipts = Table(
    "receipts",
    metadata,
    Column("entry_id", WORD, ForeignKey(entries.c.id), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("process", WORD, primary_key=True),
    Column("readers", Integer, nullable=False),
    Column("ms", Integer, nullable=False),
)
