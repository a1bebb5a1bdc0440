"""`python -m magnetar`, and the console script `magnetar`."""

from __future__ import annotations

import sys


def main() -> int:
    """Runs one command and returns its exit code; a worker process, which imports this module too, has no use for the rest."""
    from magnetar.cli import main

    return main()


if __name__ == "__main__":
    sys.exit(main())
