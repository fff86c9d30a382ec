"""What the page's script says, in English. The names are what the script asks for; the
translations are in ``locales/``."""

N_ = str
"""Marks a sentence for the catalogues."""


def NN_(one: str, many: str) -> tuple[str, str]:
    """Marks a counted sentence for them."""
    return one, many


SAID = {
    "upcoming": N_("Upcoming"),
    "live": N_("Live"),
    "paused": N_("Paused"),
    "closed": N_("Ended"),
    "waiting": N_("Reconnecting…"),
    "stopped": N_("Not updating"),
    "saved": N_("Saved copy, last update %(time)s"),
    "up_to_date": N_("Up to date %(time)s"),
    "last_update": N_("Last update %(time)s"),
    "moment": N_("%(time)s, %(date)s"),
    "missed": N_("New since you left"),
}

COUNTED = {
    "updates": NN_("%(num)s new update", "%(num)s new updates"),
    "since": NN_("%(num)s update since you left", "%(num)s updates since you left"),
}
