"""What can go wrong in the broker room before anything runs.

At run time nothing is raised: a server that is away is a state (`BrokerStats.connected`).

    BrokerError
    ├── BrokerConfigError   the URL says something we cannot do
    ├── ValkeyStartError    the embedded Valkey did not come up
    └── FolderInUse         another `liveblog serve` holds the data folder
"""


class BrokerError(Exception):
    """The message carrier could not be set up."""


class BrokerConfigError(BrokerError, ValueError):
    """LIVEBLOG_REDIS_URL is not an address this version can use."""


class ValkeyStartError(BrokerError):
    """The embedded Valkey could not be started."""


class FolderInUse(BrokerError):
    """Another process holds the data folder."""
