"""Log lines: one form for every process, on standard error."""

import logging
import sys
import time


def configure_logging(level: str, process: str) -> None:
    """Write lines of this level and above; ``process`` says which one of ours writes."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter(
        f"%(asctime)sZ %(levelname)s [{process}] %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S"
    )
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # Of uvicorn only what is wrong: it would write a line with the query for every reader.
    # Of Alembic too: it tells each step of its own setting up.
    for name in ("uvicorn.error", "uvicorn.asgi", "alembic"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
