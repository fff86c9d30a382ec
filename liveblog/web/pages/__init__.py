"""The pages readers see: made from templates, complete without a script, live with it."""

from liveblog.web.pages.render import Pages

__all__ = ["Pages"]
