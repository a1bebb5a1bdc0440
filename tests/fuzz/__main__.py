"""Coverage-guided fuzzing of everything that reads bytes from elsewhere (Linux on x86-64, Python 3.11 or newer).

usage: npm run fuzz -- [SECONDS [TARGET…]]     each target for so long, 60 seconds by default; what was learned is kept in .fuzz/

Ends with 1 where an input was found over which a target stumbles; it is left there, and its name printed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

from .targets import TARGETS

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".fuzz"
LONGEST_SECONDS = 20
"""A single input that takes longer is a finding, too."""


def main() -> int:
    """Runs the targets one after the other."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("seconds", type=int, nargs="?", default=60, help="for how long each target is fuzzed")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"some of {', '.join(TARGETS)}")
    options = parser.parse_args()
    unknown = set(options.targets) - set(TARGETS)
    if unknown:
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    return max([_fuzz(name, options.seconds) for name in options.targets or TARGETS])


def _fuzz(name: str, seconds: int) -> int:
    corpus = KEPT / name
    corpus.mkdir(parents=True, exist_ok=True)
    limits = [f"-max_total_time={seconds}", f"-timeout={LONGEST_SECONDS}", "-rss_limit_mb=3000", "-max_len=4096"]
    command = [sys.executable, "-m", "tests.fuzz.one", name, str(corpus), *limits]
    prefix = f"-artifact_prefix={KEPT / name}-"
    done = subprocess.run(
        [*command, prefix, "-print_final_stats=1"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    said = done.stdout + done.stderr
    runs = re.search(r"number_of_executed_units:\s*(\d+)", said)
    coverage = re.findall(r"cov: (\d+)", said)
    told = f"{int(runs[1]):,} inputs, {coverage[-1]} edges" if runs and coverage else "no figures"
    sys.stdout.write(f"{name}: {told}{', and one it stumbles over' if done.returncode else ''}\n")
    if done.returncode:
        sys.stdout.write(said[-6_000:])
    sys.stdout.flush()
    return int(bool(done.returncode))


if __name__ == "__main__":
    sys.exit(main())
