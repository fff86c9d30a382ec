"""What the moving part tells: short strands about the facts of 23 July 2025.

A strand is written as it shall stand in the end. What is said of it besides (a typing
mistake, a wrong word, a sentence that comes later) is how it gets there. Each date and each
"is reported" is part of the sentence, because these entries appear at a later time than
the one they tell of.
"""

from typing import Literal

from msgspec import Struct

Slip = Literal["doubled", "wrong picture"]


class Strand(Struct, frozen=True):
    """One strand.

    ``typo``: a word as first typed, and as it should be. ``wrong``: our own words as first
    written, as they should be, and the note of the correction. ``more``: what an update adds.
    """

    headline: str
    body: str
    more: str | None = None
    typo: tuple[str, str] | None = None
    wrong: tuple[str, str, str] | None = None
    slip: Slip | None = None
    picture: str | None = None


PICTURES: dict[str, str] = {
    "talks": "A long table with a flag at either end; behind it a bridge over water.",
    "hub": "Warehouses beside railway tracks at night, with small drones above them.",
    "exercise": "A map with arrows of an exercise that could move towards a border.",
    "ballot": "A hand that lets a ballot paper fall into a box.",
}

STRANDS: tuple[Strand, ...] = (
    Strand(
        "What brought the delegations to Istanbul",
        "On 23 July 2025 Ukraine and Russia met in Istanbul for a third round of peace talks.",
        more="It was the headline of this page all day.",
        wrong=(
            "a second round",
            "a third round",
            "This entry first called it the second round. It was the third.",
        ),
        picture="talks",
        slip="wrong picture",
    ),
    Strand(
        "Where this page keeps its clock",
        "Every time on this page is Kyiv time, also for what happened elsewhere.",
        typo=("Every tme", "Every time"),
        more="A reader in another time zone sees the same clock as everybody else.",
    ),
    Strand(
        "The drone report, and what it does not say",
        "Ukrainian drones reportedly hit a key logistics hub in south-western Russia.",
        more="The word reportedly stays until somebody confirms what was hit.",
        typo=("logistcs", "logistics"),
        slip="doubled",
    ),
    Strand(
        "How to read the figure from Kursk",
        "The 80,000 casualties are what Ukraine's military chief says Russia lost during the"
        " Kursk incursion.",
        wrong=(
            "in a month of",
            "during",
            "The figure is for the whole incursion; this entry first named a month.",
        ),
        more="It is a figure of one side of the war, and this page says so each time.",
    ),
    Strand(
        "The 50 days, in one sentence",
        "According to the Guardian, the 50-day ceasefire deadline does not worry Putin.",
        typo=("deadlne", "deadline"),
    ),
    Strand(
        "Zapad-2025: inland or not",
        "Belarus had decided to hold Zapad-2025 further inland. On 23 July 2025 it signalled"
        " that it may reverse that.",
        more="No new place for the exercise was named.",
        picture="exercise",
        slip="doubled",
    ),
    Strand(
        "Who spoke for Minsk",
        "It was the deputy defence minister, Pavel Muraveika, who spoke about Zapad-2025.",
        typo=("Muravieka", "Muraveika"),
    ),
    Strand(
        "A law in one line",
        "Belarusian citizens who live permanently in Russia may vote in its local elections.",
        more="They may stand as candidates in them too.",
        wrong=(
            "who stay in Russia",
            "who live permanently in Russia",
            "The law is about permanent residents; this entry left that out at first.",
        ),
        picture="ballot",
    ),
    Strand(
        "Why a treaty of 1999 is in the news",
        "The Union State of Russia and Belarus rests on a treaty of 1999.",
        wrong=(
            "of 1997",
            "of 1999",
            "This entry first gave 1997 as the year of the treaty.",
        ),
        more="The law of 23 July 2025 is presented as a step of that union.",
    ),
    Strand(
        "What Minsk already allowed",
        "Russian citizens who live permanently in Belarus may vote and stand in its local"
        " elections; that was so before the new law.",
        typo=("permanetly", "permanently"),
        slip="doubled",
    ),
    Strand(
        "How this page corrects itself",
        "A correction stays visible: the entry says what was wrong and when it was put right.",
        more="A typing mistake is put right without a note, because nothing was said wrongly.",
    ),
    Strand(
        "How this page withdraws an entry",
        "When an entry should not be here at all, its words go and a line in its place says why.",
        typo=("shoud", "should"),
    ),
    Strand(
        "Istanbul: third time, same city",
        "The third round on 23 July 2025 took place in Istanbul.",
        more="Our drawing shows a bridge of the city, not the room of the talks.",
        picture="talks",
    ),
    Strand(
        "A hub, seen from above",
        "We drew a logistics hub to go with the drone report; it is no picture of the place.",
        picture="hub",
        slip="wrong picture",
    ),
    Strand(
        "Two neighbours named by Minsk",
        "Belarus named military activity of Poland and Lithuania as its reason.",
        wrong=(
            "Poland and Latvia",
            "Poland and Lithuania",
            "The two countries named are Poland and Lithuania; we had written Latvia.",
        ),
        slip="doubled",
    ),
    Strand(
        "What the law leaves alone",
        "The law is about local elections.",
        more="This page found nothing in it about any other election.",
        typo=("The law ist", "The law is"),
    ),
    Strand(
        "Reactions to the law",
        "Authorities in Belarus welcomed the law that was signed on 23 July 2025.",
        wrong=(
            "on 22 July 2025",
            "on 23 July 2025",
            "This entry was a day early: the law was signed on 23 July.",
        ),
    ),
    Strand(
        "One day, five developments",
        "The list at the top holds what mattered most on 23 July 2025, oldest first.",
        more="It is made from the entries that the desk marked as key, and follows them.",
        typo=("mattred", "mattered"),
    ),
    Strand(
        "The Guardian's report in context",
        "The report says that Putin takes Trump for emotional and easily influenced.",
        more="Report and judgement are attributed here because neither is this page's own.",
    ),
    Strand(
        "A word on the word incursion",
        "By the Kursk incursion this page means the advance of Ukrainian troops into that"
        " Russian region.",
        typo=("advnace", "advance"),
        slip="doubled",
    ),
    Strand(
        "If you are just joining us",
        "Talks in Istanbul, a drone strike that is reported, a figure from Kursk, a report about"
        " a deadline, a signal about an exercise: that was 23 July 2025.",
        more="The list at the top links to each of them.",
    ),
    Strand(
        "Zapad means west",
        "The name of the exercise, Zapad, is the Russian word for west.",
        picture="exercise",
        slip="wrong picture",
    ),
    Strand(
        "Possible is not decided",
        "Belarus said that it may move the exercise. It did not say that it will.",
        wrong=(
            "said that it will move the exercise. A date is open.",
            "said that it may move the exercise. It did not say that it will.",
            "We had turned a possibility into a decision. Belarus left it open.",
        ),
    ),
    Strand(
        "Pictures on this page",
        "No photograph of anybody else is used here; every picture is a drawing of the project.",
        picture="ballot",
        typo=("photgraph", "photograph"),
    ),
    Strand(
        "South-western Russia",
        "The hub that was reportedly hit lies in the south-west of Russia.",
        wrong=(
            "in the south-east of",
            "in the south-west of",
            "The hub lies in the south-west. This entry had the direction wrong.",
        ),
        picture="hub",
    ),
    Strand(
        "Question from a reader: who may stand?",
        "Under the law, Belarusians who live permanently in Russia may stand in local elections"
        " there, not only vote.",
        slip="doubled",
    ),
    Strand(
        "Question from a reader: why attribute so often?",
        "Because a reader should see in each sentence who says so, also when it is cut out of"
        " the page and passed on.",
        typo=("sentnce", "sentence"),
    ),
    Strand(
        "Side by side",
        "Minsk grants Russians what Moscow now grants Belarusians: a vote in local elections"
        " where they live permanently.",
        more="The treaty both refer to is that of 1999.",
    ),
    Strand(
        "What stays open tonight",
        "Where Zapad-2025 will be held, and what the talks of 23 July 2025 lead to, was not"
        " settled on the day.",
        typo=("setled", "settled"),
        slip="doubled",
    ),
    Strand(
        "About this demonstration",
        "The desk that writes here is a program. It posts through the same interface as any"
        " newsroom would.",
        more="Switch off the network for a minute: when it is back, nothing is missing.",
    ),
)
