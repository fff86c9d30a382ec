"""The catalogues of the pages' sentences: what the code says, and what a catalogue has of it.

``make messages`` brings every ``locales/*.po`` up to date: new sentences come in without a
translation, those that nobody says any more go. The tests refuse both.
"""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

WEB = Path(__file__).parents[1] / "liveblog" / "web"
LOCALES = WEB / "locales"

_METHODS = [("pages/**.py", "python"), ("templates/**.html", "jinja2")]
_KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "NN_": (1, 2),
}
_HEADERS = {"language", "mime-version", "content-type", "content-transfer-encoding", "plural-forms"}


def said() -> Catalog:
    """Every sentence of templates and code."""
    catalog = Catalog()
    options = {"**.html": {"trimmed": "true", "silent": "false"}}
    found = extract_from_dir(WEB, _METHODS, options, keywords=_KEYWORDS)
    for _, _, message, _, context in found:
        if message:
            catalog.add(message, context=context)
    return catalog


def kept(path: Path) -> Catalog:
    """A catalogue as it is."""
    return read_po(BytesIO(path.read_bytes()), locale=path.stem)


def updated(catalog: Catalog) -> bytes:
    """The catalogue with today's sentences, without dates, names and places in the code."""
    catalog.update(said(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    written = BytesIO()
    write_po(written, catalog, no_location=True, sort_output=True, width=0)
    lines = written.getvalue().decode().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("msgid"))
    head, rest = lines[start : start + 2], lines[start + 2 :]
    end = rest.index("")
    fields = [f for f in rest[:end] if f[1:].split(":")[0].lower() in _HEADERS]
    return ("\n".join([*head, *fields, *rest[end:]]).rstrip() + "\n").encode()


def main() -> None:
    """Bring all of them up to date, and say what is not translated yet."""
    for path in sorted(LOCALES.glob("*.po")):
        path.write_bytes(updated(kept(path)))
        missing = [m.id for m in kept(path) if m.id and not all(_strings(m.string))]
        sys.stdout.write(f"{path.name}: {len(missing)} to translate\n")


def _strings(string: object) -> tuple[object, ...]:
    return string if isinstance(string, tuple) else (string,)


if __name__ == "__main__":
    main()
