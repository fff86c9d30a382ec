"""What is done in the background: each worker is one short handler over the one door.

    base.py       the loop: handle what is due, wait for a timer or a wake, back off
    scheduler.py  publishes what is due, freezes days that are over, forgets old replays
    purge.py      tells the purge hook what has changed, so that caches may keep older pages
    push.py       tells browsers that are subscribed of key developments
    media.py      makes renditions of what was uploaded, takes away what was deleted
    embeds.py     asks other sites what their pages are, for cards

``python -m workers NAME…`` runs some of them, without a name all. They share nothing with the
web processes but the store and the broker, so they may run anywhere and any number of times:
whatever is claimed is claimed in the database.
"""
