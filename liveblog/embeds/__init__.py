"""Cards of pages on other sites: their title, author and picture, never their markup.

============== ==========================================================
providers      pure: which sites, and where each is asked; ``providers.json``
oembed         pure: what an answer says, cleaned
fetching       asking, with bounds for everything
============== ==========================================================

Sites are asked by oEmbed (https://oembed.com), those of a list and nobody else: a card can be
asked for by whoever may write here, and must not make this server call where they point.
"""

from liveblog.embeds.fetching import Busy, Fetcher, Unfit
from liveblog.embeds.oembed import Said, read_answer
from liveblog.embeds.providers import Provider, Providers, providers_of, sound_address

__all__ = [
    "Busy",
    "Fetcher",
    "Provider",
    "Providers",
    "Said",
    "Unfit",
    "providers_of",
    "read_answer",
    "sound_address",
]
