"""A real Redis (or Valkey) server for tests, on a socket in a directory of its own, that can be stopped and started again."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PROGRAM = os.environ.get("MAGNETAR_TEST_REDIS") or shutil.which("redis-server") or shutil.which("valkey-server")
MISSING = "no redis-server: install Debian's redis-server or name one in $MAGNETAR_TEST_REDIS"

PATIENCE = "?socket_timeout=30&socket_connect_timeout=30"
"""Behind a URL: a busy machine may take longer than the second that is waited for a server by default."""


def server_of_a_fixture():
    """For a fixture to `yield from`: a server, or the test is skipped."""
    import pytest  # which the benchmark goes without

    if PROGRAM is None:
        pytest.skip(MISSING)
    server = RedisServer()
    yield server
    server.close()


class RedisServer:
    """One server process; it keeps nothing on disk."""

    def __init__(self, *options, tls=False):
        self.directory = tempfile.TemporaryDirectory(prefix="magnetar-redis-")
        self.socket = Path(self.directory.name) / "redis.sock"
        self.options = options
        self.tls = tls
        self.port = free_port()
        self.process = None
        self.start()

    @property
    def url(self):
        return f"unix://{self.socket}"

    @property
    def tcp_url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self):
        ports = ["--port", "0", "--tls-port", str(self.port)] if self.tls else ["--port", str(self.port)]
        self.process = subprocess.Popen(
            [
                PROGRAM, *ports, "--bind", "127.0.0.1", "--unixsocket", str(self.socket), "--save", "",
                "--dir", self.directory.name, *self.options,
            ],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(self.socket))
                return
            time.sleep(0.005)  # there is no event to wait for
        raise RuntimeError(f"{PROGRAM} did not start")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.socket.unlink(missing_ok=True)

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        self.directory.cleanup()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
