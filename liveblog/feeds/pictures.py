"""Which of a picture's sizes to hand to whoever takes only one. Pure."""

from liveblog.model.entry import Media, Rendition

SHARED = 1200
"""Pixels of width that search engines and whoever shows a link ask for."""
NEW_FORMATS = ("image/avif", "image/webp")
"""Feed readers and makers of previews do not all know these."""


def fitting(media: Media, width: int) -> Rendition:
    """The smallest that is at least so many pixels wide, else the widest; in a format that
    everybody reads. One whose size is not known is taken when it is all there is."""
    main = Rendition(media.url, media.type, media.width, media.height)
    others = [
        one
        for one in media.renditions
        if one.type.startswith("image/") and one.type not in NEW_FORMATS
    ]
    sized = [one for one in (main, *others) if one.width]
    enough = [one for one in sized if (one.width or 0) >= width]
    if enough:
        return min(enough, key=lambda one: one.width or 0)
    return max(sized, key=lambda one: one.width or 0) if main.width else main
