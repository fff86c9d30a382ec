"""What the page's script says, in English. The names are what the script asks for; the
translations are in ``locales/``."""

N_ = str
"""Marks a sentence for the catalogues."""

SAID = {
    "upcoming": N_("Upcoming"),
    "live": N_("Live"),
    "paused": N_("Paused"),
    "closed": N_("Ended"),
    "waiting": N_("Reconnecting…"),
    "stopped": N_("Not updating"),
}

COUNTED = {
    "updates": (N_("%(num)s new update"), N_("%(num)s new updates")),
}
