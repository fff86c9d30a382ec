"""The program ``liveblog``; also ``python -m liveblog.cli``."""

import os
import sys

from liveblog.cli import main


def run() -> None:
    """Run the command, and end with its exit code.

    Where a bucket was used, the interpreter is not taken down first: threads of obstore may
    just be letting go of what they hold of Python, and one that comes too late aborts the
    process (pyo3-async-runtimes issue 40). Everything of ours has been closed by then.
    """
    try:
        main()
    except SystemExit as end:
        if "obstore" in sys.modules:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(end.code if isinstance(end.code, int) else 0 if end.code is None else 1)
        raise


if __name__ == "__main__":
    run()
