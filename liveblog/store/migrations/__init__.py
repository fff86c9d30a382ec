"""The chain of migrations, one for both engines; run with ``liveblog migrate``.

To change a table: change ``schema.py``, add ``versions/000N_what.py`` by hand with
``down_revision`` naming the one before, and run the tests: one compares the migrated
database with the schema on SQLite and on PostgreSQL.
"""
