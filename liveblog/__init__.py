"""Liveblog: the live-blog backend that newsrooms run themselves."""

__version__ = "0.1.0"
