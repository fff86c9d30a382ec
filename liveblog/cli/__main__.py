"""``python -m liveblog.cli``, for whoever has no ``liveblog`` on the path."""

from liveblog.cli import main

main()
