"""Fuzzes one target in this process: `python -m tests.fuzz.one NAME CORPUS [libFuzzer's options]`."""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["magnetar", "tests.fuzz.targets"]):
    from .targets import TARGETS


def main() -> None:
    """Never returns: the fuzzer ends the process."""
    name, corpus, *options = sys.argv[1:]
    target = TARGETS[name]
    for number, seed in enumerate(target.seeds):
        Path(corpus, f"seed{number}").write_bytes(seed)
    atheris.Setup([sys.argv[0], corpus, *options], target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
