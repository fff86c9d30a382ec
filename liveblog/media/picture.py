"""Opening pictures and making others of them, with Pillow. Runs in the confined process only.

What is made has pixels and nothing else: no EXIF, no XMP, no IPTC, no comment, no thumbnail and
no colour profile, because everything is drawn anew in sRGB.
"""

import io
import warnings
from typing import Any

from PIL import ExifTags, Image, ImageCms, ImageOps, ImageSequence
from PIL.ImageFile import ImageFile

from liveblog.media.job import Found, Made, Refused
from liveblog.media.metadata import said_of
from liveblog.media.plan import Make, plan

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif"}
FORMATS |= {"WEBP": "image/webp", "AVIF": "image/avif"}
"""What is taken. No SVG: it is a program."""
TAKEN = "JPEG, PNG, GIF, WebP and AVIF are taken"

SAVED: dict[str, dict[str, Any]] = {
    "jpg": {"format": "JPEG", "quality": 82, "optimize": True, "progressive": True},
    "png": {"format": "PNG", "optimize": True},
    "webp": {"format": "WEBP", "quality": 78, "method": 4},
    "avif": {"format": "AVIF", "quality": 58, "speed": 7},
}

TURNED = (5, 6, 7, 8)
"""Orientations of EXIF in which width and height are exchanged."""


class Unusable(Exception):
    """It cannot be used; says why."""


def look(content: bytes, pixels: int) -> Found | Refused:
    """What a file is, by what is in it. Only its head is read, and how many frames it has.

    :param pixels: how many it may have.
    """
    try:
        with _opened(content, pixels) as image:
            width, height = _size(image)
            return Found(
                type=_type(image),
                width=width,
                height=height,
                alpha=image.has_transparency_data,
                animated=_frames(image) > 1,
                said=said_of(image),
            )
    except Unusable as error:
        return Refused(str(error))


def render(content: bytes, pixels: int) -> Made | Refused:
    """The files that are to be made of it."""
    try:
        files: dict[str, bytes] = {}
        with _opened(content, pixels) as image:
            alpha, animated = image.has_transparency_data, _frames(image) > 1
            makes = plan(*_size(image), alpha=alpha, animated=animated)
            for one in makes:
                if one.animated:
                    files[one.file] = _moving(image, one)
            image.seek(0)
            files |= _still(image, [one for one in makes if not one.animated])
        return Made(tuple(makes), files)
    except Unusable as error:
        return Refused(str(error))
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError):
        return Refused("The picture is damaged or cut off: it cannot be read to its end.")


def _opened(content: bytes, pixels: int) -> ImageFile:
    """The picture, not yet decoded.

    :raises Unusable: it is none that is taken, or has too many pixels.
    """
    Image.MAX_IMAGE_PIXELS = None  # the bound is our own, exact, and counts every frame
    warnings.simplefilter("ignore")
    try:
        image = Image.open(io.BytesIO(content), formats=list(FORMATS))
        frames = _frames(image)
    except (OSError, SyntaxError, ValueError, EOFError, TypeError, KeyError, IndexError):
        raise Unusable(f"This is no picture that can be read; {TAKEN}.") from None
    width, height = image.size
    if not (width and height):
        raise Unusable("The picture has no pixels.")
    if width * height * frames > pixels:
        of = f" in {frames} frames" if frames > 1 else ""
        raise Unusable(
            f"The picture has {width} × {height} pixels{of}, more than the {pixels:,} that are"
            " taken; make it smaller."
        )
    return image


def _size(image: ImageFile) -> tuple[int, int]:
    """Width and height of the picture when it stands upright."""
    width, height = image.size
    turned = image.getexif().get(ExifTags.Base.Orientation) in TURNED
    return (height, width) if turned else (width, height)


def _type(image: ImageFile) -> str:
    # Cameras put several JPEG files into one (MPO); the first is the picture.
    return FORMATS.get(image.format or "", "image/jpeg")


def _frames(image: ImageFile) -> int:
    if image.format == "MPO":
        return 1
    count: int = getattr(image, "n_frames", 1)
    return count


def _still(image: Image.Image, makes: list[Make]) -> dict[str, bytes]:
    """The first frame in these sizes."""
    makes = sorted(makes, key=lambda one: -one.width)
    largest = max(max(one.width, one.height) for one in makes)
    if image.format == "JPEG":
        # Decodes an eighth, a quarter or a half of it, when that is enough.
        image.draft(None, (largest, largest))
    drawn = _upright(image)
    files = {}
    for one in makes:
        if drawn.size != (one.width, one.height):
            drawn = drawn.resize(
                (one.width, one.height), Image.Resampling.LANCZOS, reducing_gap=3.0
            )
        files[one.file] = _saved(drawn, one)
    return files


def _moving(image: Image.Image, make: Make) -> bytes:
    """All frames."""
    frames, durations = [], []
    loop = image.info.get("loop", 1 if image.format == "GIF" else 0)
    for frame in ImageSequence.Iterator(image):
        drawn = _bare(frame.convert("RGBA"))
        durations.append(max(int(frame.info.get("duration", 100)), 20))  # known when decoded
        frames.append(drawn.resize((make.width, make.height), Image.Resampling.BILINEAR))
    out = io.BytesIO()
    frames[0].save(
        out,
        **(SAVED["webp"] | {"method": 2}),
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=loop,
    )
    return out.getvalue()


def _saved(image: Image.Image, make: Make) -> bytes:
    if make.format == "jpg" and image.mode != "RGB":
        image = image.convert("RGB")
    out = io.BytesIO()
    image.save(out, **SAVED[make.format])
    return out.getvalue()


def _upright(image: Image.Image) -> Image.Image:
    """The picture decoded, turned, in RGB or RGBA of sRGB, with nothing but its pixels."""
    image.load()
    profile = image.info.get("icc_profile")
    turned = ImageOps.exif_transpose(image)
    return _bare(_plain(turned, profile))


def _plain(image: Image.Image, profile: bytes | None) -> Image.Image:
    """In RGB or RGBA of sRGB, eight bits."""
    if image.mode.startswith(("I", "F")):
        return _eight_bits(image).convert("RGB")
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if profile and image.mode in ("RGB", "RGBA", "CMYK", "L"):
        converted = _in_srgb(image, profile)
        if converted is not None:
            image = converted
    return image.convert(mode)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Sixteen bits of grey as eight: the upper ones."""
    if image.mode.startswith("I;16"):
        image = image.convert("I")
    return image.point(lambda value: value * (1 / 256)).convert("L")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image | None:
    """The same colours by the profile of the web; None when the profile is of no use."""
    to = "RGB" if image.mode in ("CMYK", "L") else image.mode
    try:
        return ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode=to,
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _bare(image: Image.Image) -> Image.Image:
    """Pixels alone: Pillow would copy what is in ``info`` into what it writes."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare
