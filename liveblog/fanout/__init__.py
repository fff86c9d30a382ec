"""WHO HEARS IT: from a hint to every reader, and every reader from where it was.

========== =====================================================================
window     the current state of what changed lately: pure, bounded
subscriber one reader: a sink to write to, a seq, a flag *lagging*; no queue
topic      one blog's window and its readers; broadcast and catch-up
hub        the topics of this process: opening, joining, healing, closing
poll       one answer to what changed since, for who asks now and then
relay      the one supervised task: hints in, a look at the store each second
receipts   to how many readers a broadcast went, kept in the background
desks      the open desks of this process, and their tasks
desk_topic the open desks of one blog: what each is told, and what it may see
desk_look  what they are told from the store
========== =====================================================================

::

    broker ─on_message→ relay → hub.hint → topic.advance → window
                                             └→ subscriber.sink.offer (a plain loop)
"""
