"""``liveblog demo``: a server with a live page that keeps moving, to look at.

======= =====================================================================
run     the command: a folder, a port, a server and the process that writes
desk    that process: what stands at first, then one move after the other
seed    what stands at first: 23 July 2025 and two days of cards
stories the longer text
strands what the moving part tells, as data
moves   how a strand becomes moves: publish, slip, correct, withdraw
======= =====================================================================

The writing process is a client like any other: it knows an address and a token. All words
are our own, all pictures are drawings of ours (``web/static``), and what is withdrawn is a
slip of the demonstration itself, never a claim about a person.
"""
