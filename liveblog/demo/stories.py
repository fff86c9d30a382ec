"""The longer text of the day, in our own words."""

LAW = """\
Vladimir Putin has signed a law that opens local elections in Russia to citizens of Belarus. \
Signed on 23 July 2025, it covers those who live in Russia permanently, and it gives them both \
halves of the right: they may vote for a local council, and they may stand for a seat on it.

### A right that now runs both ways

Until now the arrangement was one-sided. Belarus already lets citizens of Russia who have made \
their home there take part in its own local elections, as voters and as candidates. With the \
new law the two countries treat each other's residents alike at that level of government. It \
goes no further than that: nothing in it concerns the elections of a parliament or a president.

Both countries point to the same root, the treaty of 1999 that founded the Union State of \
Russia and Belarus. The treaty promised the citizens of each country equal rights in the \
other. Much of it has stayed on paper for a quarter of a century, which is why each step of \
this kind is announced as a step of the Union State and not merely as a change to an electoral \
law. The authorities in Belarus welcomed the signature.

### On the same day, a signal about Zapad-2025

The law was not the only news about the two allies that day. Belarus let it be known that it \
may take back an earlier decision about Zapad-2025, the large exercise that its forces and \
those of Russia prepare together. That decision had moved the manoeuvres further inland, away \
from the borders of the NATO members next door, and had been presented as a gesture of calm.

The deputy defence minister, Pavel Muraveika, named a reason for the possible change of mind: \
military activity in Poland and in Lithuania. Should that continue, he said in substance, the \
exercise could be held nearer to the border after all. What was announced is a possibility and \
not a plan; no new place was named on the day.

### What to keep apart

The two pieces of news share a date and two capitals, but they are separate decisions. One is \
law, signed, and concerns people who have already settled in a neighbouring country. The other \
is a warning, conditional, and concerns soldiers. This page keeps them in one entry because \
readers asked about both, and in separate paragraphs because neither explains the other.
"""
