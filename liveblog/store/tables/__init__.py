"""The tables, a file for each subject; ``schema.py`` is all of them.

A column is called like the field of the Struct it keeps, in the same order. Every list the
contract promises has an index that gives it in order, whatever the size of the blog; the
partial ones hold only what their question is about, so that a write pays for little. The
CHECKs are laws of the model that a mistake above must not get past.
"""

from sqlalchemy import MetaData

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
