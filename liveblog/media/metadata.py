"""What a picture says of itself in XMP, IPTC and EXIF. Runs in the confined process only."""

from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from PIL import ExifTags, IptcImagePlugin
from PIL.ImageFile import ImageFile

from liveblog.media.proposals import Said

LONGEST = 10_000
"""Characters of one field that are looked at."""

_DC = "{http://purl.org/dc/elements/1.1/}"
_PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
_XMP = "{http://ns.adobe.com/xap/1.0/}"
_EXIF = "{http://ns.adobe.com/exif/1.0/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def said_of(image: ImageFile) -> Said:
    """All that is found; a part that cannot be read says nothing."""
    xmp, iptc, exif = _xmp_of(image), _iptc_of(image), _exif_of(image)
    return Said(
        captions=_words([*xmp(f"{_DC}description"), *iptc(2, 120), exif.get("ImageDescription")]),
        makers=_words([*xmp(f"{_DC}creator"), *iptc(2, 80), exif.get("Artist")]),
        credits=_words([*xmp(f"{_PHOTOSHOP}Credit"), *iptc(2, 110)]),
        sources=_words([*xmp(f"{_PHOTOSHOP}Source"), *iptc(2, 115)]),
        dates=_words(
            [
                exif.get("DateTimeOriginal"),
                *xmp(f"{_EXIF}DateTimeOriginal"),
                *xmp(f"{_PHOTOSHOP}DateCreated"),
                *(f"{day}{time}" for day, time in _pairs(iptc(2, 55), iptc(2, 60))),
                *xmp(f"{_XMP}CreateDate"),
            ]
        ),
    )


def _words(found: Iterable[object]) -> tuple[str, ...]:
    """Texts that can be kept: without characters that control something, each once."""
    clean = []
    for one in found:
        text = "".join(c for c in str(one or "")[:LONGEST] if c.isprintable() or c.isspace())
        if text.strip() and text.strip() not in clean:
            clean.append(text.strip())
    return tuple(clean)


def _pairs(days: list[str], times: list[str]) -> Iterator[tuple[str, str]]:
    for number, day in enumerate(days):
        yield day, times[number] if number < len(times) else ""


class _Xmp:
    """Values of XMP by their qualified names."""

    def __init__(self, root: ElementTree.Element | None) -> None:
        self._root = root

    def __call__(self, name: str) -> list[str]:
        if self._root is None:
            return []
        found: list[str] = []
        for about in self._root.iter(f"{_RDF}Description"):
            found += [about.attrib[name]] if name in about.attrib else []
            for element in about.findall(name):
                items = list(element.iter(f"{_RDF}li"))
                items.sort(key=lambda item: item.get(_LANG) != "x-default")
                found += [item.text or "" for item in items] or [element.text or ""]
        return found


def _xmp_of(image: ImageFile) -> _Xmp:
    raw = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    data = raw.encode() if isinstance(raw, str) else bytes(raw)
    # Entities could unfold for ever, and XMP has none.
    if not data or b"<!" in data:
        return _Xmp(None)
    try:
        return _Xmp(ElementTree.fromstring(data.strip(b"\x00 \r\n\t")))
    except (ElementTree.ParseError, ValueError):
        return _Xmp(None)


class _Iptc:
    """Values of IPTC-IIM by record and dataset."""

    def __init__(self, found: dict[tuple[int, int], bytes | list[bytes]]) -> None:
        self._found = found
        coded = found.get((1, 90))
        self._utf8 = coded == b"\x1b%G"

    def __call__(self, record: int, dataset: int) -> list[str]:
        value = self._found.get((record, dataset), [])
        return [self._text(one) for one in (value if isinstance(value, list) else [value])]

    def _text(self, value: bytes) -> str:
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return value.decode("utf-8" if self._utf8 else "cp1252", "replace")


def _iptc_of(image: ImageFile) -> _Iptc:
    try:
        return _Iptc(IptcImagePlugin.getiptcinfo(image) or {})
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError):
        return _Iptc({})


def _exif_of(image: ImageFile) -> dict[str, str]:
    """The texts of EXIF by their names; positions are not looked at."""
    found: dict[str, str] = {}
    try:
        exif = image.getexif()
        inner = exif.get_ifd(ExifTags.IFD.Exif)
        for name in ("ImageDescription", "Artist"):
            found[name] = _exif_text(exif.get(ExifTags.Base[name]))
        when = _exif_text(inner.get(ExifTags.Base.DateTimeOriginal))
        offset = _exif_text(inner.get(ExifTags.Base.OffsetTimeOriginal))
        found["DateTimeOriginal"] = when + offset if when else ""
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError):
        pass
    return found


def _exif_text(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
    # Pillow reads EXIF as Latin-1; most programs write UTF-8.
    try:
        return text.encode("latin-1").decode("utf-8").strip("\x00 ")
    except UnicodeError:
        return text.strip("\x00 ")
