"""Pictures for tests, made here: nothing of anybody else's, and nothing in the repository."""

import io
from typing import Any

from PIL import Image


def jpeg(width: int = 1600, height: int = 900, **saved: Any) -> bytes:
    """A photograph: a gradient, so that it has something to compress."""
    return encoded(gradient(width, height), "JPEG", **saved)


def gradient(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A picture that is red at its left edge, green at its top, different everywhere."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    made = Image.merge("RGB", (across, down, Image.new("L", (width, height), 60)))
    return made.convert(mode)


def encoded(image: Image.Image, format: str, **saved: Any) -> bytes:
    """The bytes of a file."""
    out = io.BytesIO()
    image.save(out, format, **saved)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    """A file, decoded to its end."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image
