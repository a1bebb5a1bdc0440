"""The evaluations, one command each; run at the root of the repository.

usage: python -m tests.evals context|prediction|cache|quality|oracles|chat|cursor|train|serve …     (each knows --help)
"""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

from .instruments import InstrumentsMissing

MODULES = {
    "context": "context",
    "prediction": "prediction",
    "cache": "caching",
    "quality": "quality",
    "oracles": "oracles",
    "chat": "chat",
    "cursor": "cursor",
    "train": "train",
    "serve": "ablation",
}


def main() -> int:
    """Runs one of them; its own module is imported alone."""
    name, arguments = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    if name not in MODULES:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        import_module(f".{MODULES[name]}", __package__).main(arguments)
    except InstrumentsMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    except subprocess.CalledProcessError as failed:  # what the instrument said stands above
        sys.stderr.write(f"{failed}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
