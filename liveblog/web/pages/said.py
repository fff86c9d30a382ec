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
    "up_to_date": N_("Up to date %(time)s"),
    "last_update": N_("Last update %(time)s"),
}

COUNTED = {
    "updates": (N_("%(num)s new update"), N_("%(num)s new updates")),
    "since": (N_("%(num)s update since you left"), N_("%(num)s updates since you left")),
}
