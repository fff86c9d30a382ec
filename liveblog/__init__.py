"""Liveblog: a live-blog backend. This is the map.

::

    editor ─POST→ web/api → actions → model → store ══ commit ══ database: state and log
                                └→ wire/codec → broker.publish ══ Redis, a hint only
                                                                        ║
    reader ←frame─ server/protocol ← fanout/topic ← fanout/relay ← broker/session
                   (or web/slot)          └─ a gap, a hole, each second: store

Down once, up once; nobody calls back up. From low to high::

    types.py      the names everybody uses, a sentence each
    errors.py     what can be refused, and with which status
    config/       settings from the environment, and the data folder
    model/        what is true: position, entry, blog, day, change, permissions, rules
    text/         Markdown to safe HTML, plain text, teasers
    wire/         how it is said
      messages.py   every view, change and message that crosses the border
      codec.py      their bytes, made once and shared; hints
      requests.py   what writers may send
      session.py    how a reader joins: one decision by numbers
      follower.py   how a client follows: one step a message
      frames.py     WebSocket frames         links.py  addresses
    feeds/        Atom, RSS and JSON Feed; JSON-LD, sitemaps
    store/        where it is kept: SQLite or PostgreSQL
    broker/       how it is carried: Redis or Valkey
    client/       the Python client for other services
    hooks.py      calling an address of the operator's, as the purge hook
    oidc.py       asking the newsroom's provider who somebody is
    push/         web push: encryption, our key, sending
    media/        pictures: what is made of an upload, and where the files lie
    embeds/       cards of other sites' pages: which sites, asking them, reading the answer
    guard.py      connecting to hosts that somebody else has named
    actions/      the one door for writing: turn, door, entries, blogs, tokens, people
    queries/      the one door for reading
    fanout/       who hears it: window, topic, subscriber, hub, healer, flight, relay; desks
    web/          how it comes in and goes out
      api/          HTTP                      pages/     what browsers are shown
      live.py       WebSocket                 stream.py  Server-Sent Events
      desk_live.py  the desk's WebSocket
      admission.py  who may join              slot.py    a sink for any ASGI server
      media.py      files of media
      kept.py       answers from memory       answer.py  coding.py  what is sent
      auth.py  origin.py  cookies.py  private.py  single.py  who asks
      headers.py  health.py  problems.py
    app.py        joins the parts: the only place that constructs
    server/       uvicorn protocols, processes, their beginning and end
    cli/          commands                    demo/      a live page to look at

``workers/`` stands beside this package: what happens because its time has come. Who may
import whom, and the way of an entry file by file: docs/architecture.md. What is promised to
other programs: docs/protocol.md.
"""

__version__ = "0.1.0"
