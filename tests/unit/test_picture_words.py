"""What a picture says of itself is found, and none of it is passed on.

What is made is opened again, and searched byte by byte.
"""

import struct

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from tests.pictures import encoded, gradient, jpeg, opened
from tests.unit.test_pictures import found, made

XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 photoshop:Credit="AP" photoshop:Source="AP"><dc:description><rdf:Alt>
 <rdf:li xml:lang="x-default">A table in Київ</rdf:li></rdf:Alt></dc:description>
 <dc:creator><rdf:Seq><rdf:li>Jo Ray</rdf:li></rdf:Seq></dc:creator>
 <photoshop:DateCreated>2025-07-23T14:03:00+03:00</photoshop:DateCreated>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def tattling() -> bytes:
    """A photograph that says everything: XMP, IPTC, EXIF with a position, a comment, a profile,
    a preview that shows what was cut away."""
    exif = Image.Exif()
    exif[0x010E] = "From EXIF"
    exif[0x013B] = "Somebody"
    exif[0x8825] = {
        1: "N", 2: (50.0, 27.0, 0.0), 3: "E", 4: (30.0, 31.0, 0.0),
        29: "2025:07:23",
    }  # fmt: skip
    exif[0x8769] = {0x9003: "2025:07:23 14:03:00", 0x9011: "+03:00", 0xA431: "SERIAL-31337"}
    iptc = b"".join(
        b"\x1c" + bytes((record, dataset)) + struct.pack(">H", len(value)) + value
        for record, dataset, value in (
            (1, 90, b"\x1b%G"),
            (2, 120, "Стіл у Києві".encode()),
            (2, 80, b"Jo Ray"),
            (2, 110, b"AP"),
            (2, 55, b"20250723"),
            (2, 90, b"SECRETTOWN"),
        )
    )
    block = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc + b"\0" * (len(iptc) % 2)
    app13 = b"Photoshop 3.0\0" + block
    content = jpeg(
        800, 400, exif=exif, xmp=XMP.encode(), comment=b"SECRETCOMMENT",
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    )  # fmt: skip
    return content[:2] + b"\xff\xed" + struct.pack(">H", len(app13) + 2) + app13 + content[2:]


def test_everything_it_says_is_found() -> None:
    said = found(tattling()).said
    assert said.captions == ("A table in Київ", "Стіл у Києві", "From EXIF")
    assert said.makers == ("Jo Ray", "Somebody")
    assert said.credits == ("AP",)
    assert said.dates[0] == "2025:07:23 14:03:00+03:00"
    assert "20250723" in said.dates


def test_nothing_it_says_is_passed_on() -> None:
    content = tattling()
    before = opened(content)
    assert before.getexif().get_ifd(0x8825), "there was a position"
    for name, file in made(content).files.items():
        image = opened(file)
        assert not image.getexif(), name
        assert not image.getexif().get_ifd(0x8825), name
        assert not {"exif", "xmp", "icc_profile", "comment", "photoshop"} & image.info.keys(), name
        for word in (b"Exif", b"xmp", b"SECRET", b"SERIAL", b"Jo Ray", b"Photoshop", b"2025"):
            assert word not in file, (name, word)


def test_nothing_a_png_says_is_passed_on() -> None:
    told = PngInfo()
    told.add_text("Comment", "SECRET")
    told.add_itxt("XML:com.adobe.xmp", XMP)
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (50.0, 27.0, 0.0)}
    content = encoded(gradient(300, 200, "RGBA"), "PNG", pnginfo=told, exif=exif)
    assert found(content).said.captions == ("A table in Київ",)
    for file in made(content).files.values():
        assert b"SECRET" not in file
        assert b"adobe" not in file
        assert not opened(file).getexif()


def test_a_page_hidden_in_a_picture_does_not_come_out_of_it() -> None:
    page = b"<html><script>alert(document.domain)</script></html>"
    gif = encoded(gradient(300, 200), "GIF", comment=page)
    assert page in gif
    tail = jpeg(300, 200) + page
    for content in (gif, tail):
        for file in made(content).files.values():
            assert b"<script" not in file


@pytest.mark.parametrize(
    "xmp",
    [
        b"<!DOCTYPE x [<!ENTITY a 'aaa'><!ENTITY b '&a;&a;&a;'>]>"
        + XMP.replace("A table in", "&b;").encode(),
        b"<x",
        b"\xff\xfe\x00",
        b"",
    ],
)
def test_what_cannot_be_read_says_nothing(xmp: bytes) -> None:
    assert found(jpeg(300, 200, xmp=xmp)).said.captions == ()


def test_a_broken_exif_says_nothing() -> None:
    content = jpeg(300, 200, exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\xff" * 60)
    assert found(content).width == 300
    assert "300.jpg" in made(content).files
