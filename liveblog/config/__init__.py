"""Settings: every one with its default, its unit and a sentence; from the environment.

One table, :class:`Settings`, is all there is: ``--help``, docs/operations.md (a test holds
them together) and the messages about wrong values are made from it. A setting ``data_dir``
is read from ``LIVEBLOG_DATA_DIR``; an empty variable counts as not set. A variable that is
nearly one of ours is an error and not ignored: a typing mistake must not become a default.

    fields.py     the table
    settings.py   how it is read, and what follows from it (addresses of store and broker)
    table.py      how a row is read from its annotation, and a value refused with a sentence
    checks.py     what is wrong with a value
    folder.py     what lies in the data folder by rule: the secret key, the socket of Valkey
"""

from .folder import valkey_socket
from .settings import Settings, prepare_folder, settings_table
from .table import Setting

__all__ = ["Setting", "Settings", "prepare_folder", "settings_table", "valkey_socket"]
