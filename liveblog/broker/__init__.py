"""How a change is carried: publish, subscribe, probe. The only room that knows Redis.

    contract.py       what the others see: Broker, Listener, BrokerStats (imports no redis)
    keys.py           every channel name, in one place
    errors.py         what can go wrong before anything runs
    target.py         a URL becomes connections: standalone, Sentinel, Cluster
    link.py           one connection, owned by us, that never reconnects by itself
    publishing.py     the bounded queue and its task
    subscriptions.py  which channels are wanted, told and confirmed
    session.py        two connections and four tasks that live and die together
    redis.py          RedisBroker: the supervisor over sessions
    valkey.py         the embedded Valkey that `liveblog serve` starts
    folder.py         its files: socket, configuration, log
    lock.py           the lock on the data folder

What is carried are hints. The database is the log, so everything here may be lost and nothing
here is ever repeated: an ambiguous error drops a message, counts it, and the listener hears
``on_gap`` and asks the store.
"""
