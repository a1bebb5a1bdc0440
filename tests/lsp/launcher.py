"""Runs the real server on a fake service in a process of its own: what `magnetar serve` is to the real one."""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from lsp.fake_service import FakeService
from magnetar.lsp.server import serve


class LaunchedService(FakeService):
    """Leaves a mark when it is closed, and misbehaves as it is told."""

    def __init__(self, options):
        super().__init__()
        self.options = options

    async def open(self):
        if self.options.noisy:
            make_noise()

    async def close(self):
        if self.options.hang:
            await asyncio.to_thread(time.sleep, 60)
        self.options.mark.write_text("closed")


def make_noise():
    """Writes to stdout in every way there is, and lets a child do so, and read stdin."""
    sys.stdout.write("a stray line\n")
    os.write(1, b"another\n")
    subprocess.run([sys.executable, "-c", "import sys; print('a child', len(sys.stdin.read()))"], check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mark", type=Path, required=True)
    parser.add_argument("--tcp")
    parser.add_argument("--log-level", default="warning")
    parser.add_argument("--noisy", action="store_true")
    parser.add_argument("--hang", action="store_true")
    options = parser.parse_args()
    tcp = None
    if options.tcp is not None:
        host, _, port = options.tcp.rpartition(":")
        tcp = (host, int(port))
    token_file = options.mark.with_name("token")
    return serve(
        lambda _: LaunchedService(options), version="9.9.9", token_file=token_file, tcp=tcp, log_level=options.log_level
    )


if __name__ == "__main__":
    sys.exit(main())
