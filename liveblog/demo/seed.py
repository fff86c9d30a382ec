"""What stands at first: the live page of 23 July 2025, and the cards of 10 September.

The five key developments are published in the order in which the roll-up shows them,
because a roll-up is oldest first until an editor reorders it.
"""

from typing import Any

from liveblog.demo.stories import LAW

SLUG = "ukraine-war-latest"
CARDS_SLUG = "voices-and-video"

Content = dict[str, Any]

BLOG: Content = {
    "slug": SLUG,
    "title": "Ukraine war latest",
    "headline": "Ukraine and Russia meet in Istanbul for a third round of talks",
    "standfirst": (
        "What became known on 23 July 2025, retold by a demonstration of Liveblog in its own"
        " words. The newest updates are written while you read."
    ),
    "visibility": "public",
    "demo": True,
    "time_zone": "Europe/Kyiv",
}

CARDS_BLOG: Content = {
    "slug": CARDS_SLUG,
    "title": "Voices and video",
    "headline": "What was said on 10 September 2025",
    "standfirst": "Quotes and a video report around the story, summarised in our own words.",
    "visibility": "public",
    "demo": True,
    "time_zone": "Europe/Kyiv",
}

DESK = [{"name": "The demonstration desk"}]


def drawing(name: str, alt: str, caption: str, **more: Any) -> Content:
    """A picture of ours; its credit is a chain, as credits are."""
    return {
        "url": f"/static/demo/drawing-{name}.svg",
        "type": "image/svg+xml",
        "width": 1200,
        "height": 675,
        "alt": alt,
        "caption": caption,
        "credit": "Drawing: Liveblog / demonstration pool, via the Liveblog project",
        **more,
    }


KEY: list[Content] = [
    {
        "headline": "Ukraine and Russia hold a third round of peace talks in Istanbul",
        "body": (
            "Delegations of both countries sit down in Istanbul for the third time. It is the"
            " main event of the day, and everything else on this page is read against it."
        ),
        "published_at": "2025-07-23T06:40:00Z",
        "tags": ["Talks"],
    },
    {
        "headline": ("Ukrainian drones reportedly hit a key logistics hub in south-western Russia"),
        "body": (
            "Drones sent by Ukraine are reported to have struck a hub in Russia's south-west that"
            " matters for supplies. How much damage was done is not established."
        ),
        "published_at": "2025-07-23T08:15:00Z",
        "tags": ["Drones"],
    },
    {
        "headline": (
            "Ukraine's military chief puts Russian casualties during the Kursk incursion at 80,000"
        ),
        "body": (
            "The figure is the commander's own estimate of Russian losses over the whole of the"
            " incursion into the Kursk region. Nobody outside has confirmed it."
        ),
        "published_at": "2025-07-23T10:20:00Z",
        "tags": ["Kursk"],
        "sources": [{"title": "Ukraine's military command"}],
    },
    {
        "headline": (
            "The Guardian reports that Putin is not worried about the 50-day ceasefire deadline"
            " and takes Trump for emotional and easily influenced"
        ),
        "body": (
            "This is what the newspaper reports about the view from the Kremlin; the judgement"
            " on Donald Trump is the one it attributes to Vladimir Putin."
        ),
        "published_at": "2025-07-23T12:05:00Z",
        "tags": ["Diplomacy"],
        "sources": [{"title": "The Guardian"}],
    },
    {
        "headline": "Belarus threatens to move the Zapad-2025 drills nearer to NATO's border",
        "body": (
            "Minsk may undo its decision to hold the exercise further inland, and gives military"
            " activity of Poland and Lithuania as the reason."
        ),
        "published_at": "2025-07-23T14:30:00Z",
        "tags": ["Belarus", "Zapad-2025"],
    },
]

LONG: Content = {
    "headline": "Russia opens its local elections to Belarusians who live there",
    "body": LAW,
    "published_at": "2025-07-23T15:45:00Z",
    "card": True,
    "bylines": DESK,
    "tags": ["Belarus", "Union State"],
    "media": [
        drawing(
            "press-conference",
            "Two men at two lecterns in a hall with high windows, drawn in flat colours.",
            "Vladimir Putin and Alexander Lukashenko at a press conference in the Kremlin.",
            taken_at="2025-03-13",
        )
    ],
}

OPENING: Content = {
    "headline": "Good morning from the demonstration",
    "body": (
        "This page follows the news of 23 July 2025. Times are those of Kyiv. The pictures are"
        " drawings made for this project, the sentences are its own."
    ),
    "published_at": "2025-07-23T05:30:00Z",
    "kind": "image",
    "media": [
        drawing(
            "talks",
            "A long table with a blue and yellow flag at one end and a white, blue and red one"
            " at the other; behind it a bridge over water.",
            "Istanbul, as a drawing.",
        )
    ],
}

CARDS: list[Content] = [
    {
        "kind": "quote",
        "card": True,
        "headline": "Bureau: Russians came to Kyiv to fit a plan against the Maidan protests",
        "body": (
            "The statement concerns the Maidan protests of 2013 and 2014. It is summarised here,"
            " not quoted word for word."
        ),
        "quote": {
            "text": (
                "In short: Russians visited the centre of Kyiv, above all Independence Square, to"
                " adjust a plan for breaking up the Maidan protests of 2013 and 2014 by force."
            ),
            "speaker": "State Bureau of Investigation",
            "role": "Ukraine",
            "occasion": "Statement of 10 September 2025, summarised",
        },
        "published_at": "2025-09-10T08:20:00Z",
    },
    {
        "kind": "quote",
        "card": True,
        "headline": "Poland counts 19 breaches of its airspace in one night",
        "body": "Summarised from a video statement, not quoted word for word.",
        "quote": {
            "text": (
                "In short: drones made in Russia breached Poland's airspace 19 times in one"
                " night, and the air forces of Poland and NATO judge that it was deliberate."
            ),
            "speaker": "Radosław Sikorski",
            "role": "Foreign minister of Poland",
            "occasion": "Video statement of 10 September 2025, summarised",
        },
        "published_at": "2025-09-10T11:05:00Z",
    },
    {
        "kind": "video",
        "card": True,
        "headline": "Is NATO's eastern frontline state ready?",
        "body": (
            "A video report asks whether Poland, on the eastern edge of the alliance, is prepared"
            " for an escalation of this kind. The film itself is not part of the demonstration."
        ),
        "media": [
            drawing(
                "radar",
                "A green radar screen with orange points.",
                "Title picture of the report, drawn.",
            )
        ],
        "published_at": "2025-09-10T16:40:00Z",
    },
]


def day_entries() -> list[Content]:
    """The entries of 23 July, oldest first."""
    return [OPENING, *({**entry, "key": True} for entry in KEY), LONG]
