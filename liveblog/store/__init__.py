"""Where it is kept: SQLite in a file, or PostgreSQL. The only room that knows SQL.

``contract.py`` says what is promised, ``schema.py`` and ``tables/`` how it lies in tables,
``statements.py`` and ``tx.py`` what is asked, ``sqlite.py`` and ``postgres.py`` how a
transaction is run, ``upgrade.py`` and ``migrations/`` how the tables come to be. From outside:
``open_store``, ``migrate``, ``current_revision`` and the contract.
"""

from liveblog.store.address import address_of
from liveblog.store.contract import Store
from liveblog.store.postgres import PostgresStore
from liveblog.store.sqlite import SqliteStore
from liveblog.store.upgrade import current_revision, migrate, require_newest

__all__ = ["current_revision", "migrate", "open_store"]


async def open_store(url: str) -> Store:
    """Open the database for reading and writing; ``close()`` it at the end.

    :param url: ``sqlite:////absolute/path`` or ``postgresql://user:password@host/database``.
    :raises ConfigError: the URL is none of these, or the schema is missing, older or newer
        than this version needs; the sentence says what to do.
    :raises StoreBusy: the database cannot be reached now.
    """
    address = address_of(url)
    await require_newest(address)
    if address.path is None:
        return PostgresStore(address.url)
    store = SqliteStore(address.path)
    await store.start()
    return store
