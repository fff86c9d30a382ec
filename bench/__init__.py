"""Measurements, side by side with a floor in the same minute; see docs/performance.md.

    python -m bench --help

``figures.py`` is arithmetic; ``house.py`` is a Liveblog as users run it, ``desk.py`` publishes in
it, ``tools.py`` are the programs beside it; ``kernel.py`` reads what the kernel knows of them. Each
part of the command is a file with a ``measure``. ``load.c`` is the readers, ``get.c`` who asks for
pages, ``floor.c`` the floor; they are compiled when they are needed.
"""
