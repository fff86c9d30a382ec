"""Measurements, side by side with a floor in the same minute; see docs/performance.md.

    python -m bench --help

``figures.py`` is arithmetic, ``parts.py`` the processes that are measured and that measure;
``fanout.py``, ``write.py`` and ``catchup.py`` each measure one thing. ``load.c`` is the
readers and ``floor.c`` the floor; both are compiled when they are needed.
"""
