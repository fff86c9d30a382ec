"""Whose site it is: what pages, feeds and descriptions say of the newsroom."""

from msgspec import Struct


class Site(Struct, frozen=True):
    """The newsroom's own, from the settings; what is empty is left out.

    :param logo: address of a picture. :param image: of the one shared where a story has none.
    :param lang: of pages that are no blog's. :param theme: address of the newsroom's style sheet.
    :param push: the public key of web push.
    """

    name: str = ""
    logo: str = ""
    image: str = ""
    lang: str = "en"
    theme: str = ""
    push: str = ""
