"""`python -m magnetar`, and the console script `magnetar`."""

from __future__ import annotations

import sys

from magnetar.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
