"""Opening pictures and making others: every sort of file a newsroom sends, and some it does not.

What is made is opened again and looked at: that it shows the same, and says nothing.
"""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms, ImageSequence

from liveblog.media.job import Found, Made, Refused
from liveblog.media.picture import look, render
from tests.pictures import encoded, gradient, opened

MANY = 50_000_000


def found(content: bytes, pixels: int = MANY) -> Found:
    answer = look(content, pixels)
    assert isinstance(answer, Found), answer
    return answer


def made(content: bytes, pixels: int = MANY) -> Made:
    answer = render(content, pixels)
    assert isinstance(answer, Made), answer
    return answer


def refused(content: bytes, pixels: int = MANY) -> str:
    answer = look(content, pixels)
    assert isinstance(answer, Refused), answer
    return answer.reason


# What is taken -----------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_every_format_that_is_taken_becomes_every_format_that_is_made(format: str) -> None:
    content = encoded(gradient(800, 400), format)
    assert found(content).type == f"image/{format.lower()}"
    answer = made(content)
    assert {m.file for m in answer.makes} == set(answer.files)
    assert {m.format for m in answer.makes} == {"jpg", "avif", "webp"}
    for make in answer.makes:
        image = opened(answer.files[make.file])
        assert (image.size, image.format) == (
            (make.width, make.height),
            {"jpg": "JPEG", "avif": "AVIF", "webp": "WEBP"}[make.format],
        )
        # The same corners: red to the right, green below.
        assert near(image, (0.95, 0.05), (242, 12, 60))
        assert near(image, (0.05, 0.95), (12, 242, 60))


def near(image: Image.Image, at: tuple[float, float], colour: tuple[int, ...]) -> bool:
    """Whether the picture has about this colour there."""
    place = (int(at[0] * image.width), int(at[1] * image.height))
    got = image.convert("RGB").getpixel(place)
    assert isinstance(got, tuple)
    return all(abs(a - b) < 30 for a, b in zip(got, colour, strict=True))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><img src=x onerror=alert(1)>",
        b"%PDF-1.7 \n",
        b"\xff\xd8\xff\xe0" + b"\0" * 40,
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
        encoded(gradient(8, 8), "BMP"),
        encoded(gradient(8, 8), "TIFF"),
        encoded(gradient(32, 32), "ICO"),
    ],
    ids=["nothing", "svg", "html", "pdf", "half a jpeg", "half a gif", "half a png", "bmp", "tiff",
         "ico"],
)  # fmt: skip
def test_what_is_no_picture_is_refused_by_its_content(content: bytes) -> None:
    assert "JPEG, PNG, GIF, WebP and AVIF are taken" in refused(content)
    assert isinstance(render(content, MANY), Refused)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_a_file_that_was_cut_off_is_not_made_into_half_a_picture(format: str) -> None:
    whole = encoded(Image.effect_noise((400, 400), 90).convert("RGB"), format)
    answer = render(whole[: len(whole) * 2 // 3], MANY)
    assert isinstance(answer, Refused)


# Bounds ------------------------------------------------------------------------------------


def test_the_bound_of_pixels_is_exact() -> None:
    content = encoded(gradient(100, 50), "PNG")
    assert found(content, 5000).width == 100
    assert "100 × 50 pixels, more than the 4,999 that are taken" in refused(content, 4999)
    assert isinstance(render(content, 4999), Refused)


def test_the_frames_of_what_moves_count_together() -> None:
    content = moving(20, 10, frames=5)
    assert found(content, 1000).animated
    assert "20 × 10 pixels in 5 frames" in refused(content, 999)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that unfolds into so many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        end = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + end

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def test_a_bomb_is_seen_by_its_head() -> None:
    assert "60000 × 60000 pixels" in refused(bomb(60_000, 60_000))


# Colours and turning -----------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright(orientation: int) -> None:
    upright = gradient(800, 400)
    turned = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(upright.transpose(turned) if turned is not None else upright, "JPEG",
                      exif=exif)  # fmt: skip
    seen = found(content)
    assert (seen.width, seen.height) == (800, 400)
    answer = made(content)
    for make in answer.makes:
        image = opened(answer.files[make.file])
        assert image.size == (make.width, make.height)
        assert image.getexif().get(0x0112) is None
        assert near(image, (0.95, 0.05), (242, 12, 60)), make.file


def test_cmyk_becomes_rgb() -> None:
    content = encoded(gradient(400, 400, "CMYK"), "JPEG")
    for file in made(content).files.values():
        image = opened(file)
        assert image.mode == "RGB"
        assert near(image, (0.95, 0.05), (242, 12, 60))


def test_sixteen_bits_of_grey_become_eight() -> None:
    steps = Image.new("I;16", (256, 64))
    steps.putdata([column * 257 for _ in range(64) for column in range(256)])
    for file in made(encoded(steps, "PNG")).files.values():
        image = opened(file).convert("L")
        for column in (8, 128, 248):
            grey = image.getpixel((column, 32))
            assert isinstance(grey, int | float)
            assert abs(grey - column) < 8


def test_a_wide_colour_space_becomes_that_of_the_web() -> None:
    # LAB is no profile of RGB; sRGB with its red and blue changed over is one.
    swapped = encoded(gradient(200, 200), "JPEG", icc_profile=_swapped())
    image = opened(made(swapped).files["200.jpg"])
    assert "icc_profile" not in image.info
    assert not near(image, (0.95, 0.05), (242, 12, 60)), "the profile has been applied"


def _swapped() -> bytes:
    """A profile that means blue where sRGB means red."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile = profile.replace(b"rXYZ", b"QXYZ", 1).replace(b"bXYZ", b"rXYZ", 1)
    return bytes(profile.replace(b"QXYZ", b"bXYZ", 1))


def test_a_profile_of_no_use_is_passed_over() -> None:
    content = encoded(gradient(200, 200), "JPEG", icc_profile=b"no profile at all")
    assert near(opened(made(content).files["200.jpg"]), (0.95, 0.05), (242, 12, 60))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_sort_of_png(mode: str) -> None:
    content = encoded(gradient(300, 200).convert("L").convert(mode), "PNG")
    seen = found(content)
    assert seen.alpha == (mode in ("LA", "RGBA"))
    answer = made(content)
    assert answer.makes[0].format == ("png" if seen.alpha else "jpg")
    assert all(opened(file).size for file in answer.files.values())


def test_what_can_be_seen_through_stays_so() -> None:
    hole = gradient(300, 200, "RGBA")
    hole.paste((0, 0, 0, 0), (100, 50, 200, 150))
    answer = made(encoded(hole, "PNG"))
    assert answer.makes[0].file == "300.png"
    for file in answer.files.values():
        image = opened(file)
        assert image.mode == "RGBA"
        middle, corner = image.getpixel((150, 100)), image.getpixel((5, 5))
        assert isinstance(middle, tuple)
        assert isinstance(corner, tuple)
        assert (middle[3], corner[3]) == (0, 255)


# What moves --------------------------------------------------------------------------------


def moving(width: int, height: int, frames: int, format: str = "GIF") -> bytes:
    first, *rest = [Image.new("RGB", (width, height), (40 * n, 0, 0)) for n in range(frames)]
    return encoded(first, format, save_all=True, append_images=rest, duration=120, loop=0)


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_what_moves_goes_on_moving_in_webp(format: str) -> None:
    content = moving(800, 400, 4, format)
    assert found(content).animated
    answer = made(content)
    assert [m.file for m in answer.makes] == ["800.jpg", "640.webp"]
    film = Image.open(io.BytesIO(answer.files["640.webp"]))
    assert (film.size, getattr(film, "n_frames", 1)) == ((640, 320), 4)
    reds = [frame.convert("RGB").getpixel((9, 9)) for frame in ImageSequence.Iterator(film)]
    for number, colour in enumerate(reds):
        assert isinstance(colour, tuple)
        assert abs(colour[0] - 40 * number) < 12
    assert film.info["duration"] == 120
    assert getattr(opened(answer.files["800.jpg"]), "n_frames", 1) == 1
