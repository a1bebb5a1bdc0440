"""A client that writes bytes of any kind to a real server and reads strictly what comes back: answers are counted.

Nothing of the server is used here.
"""

import contextlib
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from itertools import count

import psutil

PATIENCE = 60
_HEADER = re.compile(rb"Content-Length: (\d+)\r\n\r\n")


def frame(body):
    """One message as it stands on the wire."""
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class Raw:
    """One server process and the raw ends of its pipes; `notes` holds its notifications, `unmatched` answers without an id."""

    def __init__(self, cache, *options):
        self.notes = []
        self.unmatched = []
        self.answers = {}
        self.sent = Counter()
        """How often each id was asked with."""
        self._numbers = count(1)
        self._broken = None
        self._changed = threading.Condition()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self.process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-m", "magnetar", "serve", "--cache-dir", str(cache), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.kill()
        self.process.wait()
        self._reader.join(PATIENCE)
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.stdout.close()
        self._errors.close()

    # -- writing ---------------------------------------------------------------------------------------------------

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def message(self, method, params=None, msg_id=None):
        """The frame of a request, which from now on is to be answered once."""
        msg_id = next(self._numbers) if msg_id is None else msg_id
        self.sent[msg_id] += 1
        return msg_id, frame({"jsonrpc": "2.0", "id": msg_id, "method": method, "params": params})

    def start(self, method, params=None, msg_id=None):
        msg_id, data = self.message(method, params, msg_id)
        self.write(data)
        return msg_id

    def call(self, method, params=None):
        """The answer, with its result or error."""
        return self.answer(self.start(method, params))

    def notify(self, method, params=None):
        self.write(frame({"jsonrpc": "2.0", "method": method, "params": params}))

    def initialize(self, *folders, **params):
        folders = [{"uri": folder.as_uri(), "name": folder.name} for folder in folders]
        answer = self.call("initialize", {"processId": None, "workspaceFolders": folders, "capabilities": {}, **params})
        assert "error" not in answer, answer
        self.notify("initialized", {})
        return answer["result"]

    # -- reading ---------------------------------------------------------------------------------------------------

    def answer(self, msg_id):
        """The first answer to a request, once it is there."""
        return self.wait(lambda: self.answers.get(msg_id))[0]

    def wait(self, found):
        """What `found` gives, as soon as that is true."""
        ends = time.monotonic() + PATIENCE
        with self._changed:
            while not (result := found()):
                assert self._broken is None, self._broken
                assert self._changed.wait(ends - time.monotonic()), "it never came"
            return result

    def fence(self):
        """Returns once the server has received all that was written."""
        assert "error" in self.call("$/fence")

    def settle(self):
        """Returns once all work is done."""
        assert self.call("magnetar/synchronize")["result"] == {}

    def ends(self):
        """The exit code, once it has ended by itself."""
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    @property
    def errors(self):
        """What it wrote to stderr."""
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")

    def check(self):
        """Each request was answered once and nothing else was, nothing failed unexpectedly, and all is well."""
        self.fence()
        answered = Counter({msg_id: len(answers) for msg_id, answers in self.answers.items()})
        assert answered == self.sent, {"unanswered": self.sent - answered, "too often": answered - self.sent}
        assert self._broken is None, self._broken
        assert not self.errors, self.errors

    def _read(self):
        try:
            while header := self.process.stdout.readline():
                match = _HEADER.fullmatch(header + self.process.stdout.readline())
                assert match is not None, f"a header is {header!r}"
                self._receive(_strict(self.process.stdout.read(int(match[1]))))
            broken = "the server is gone"
        except (AssertionError, ValueError, OSError) as error:
            broken = f"what it wrote is no message: {error}"
        with self._changed:
            self._broken = broken
            self._changed.notify_all()

    def _receive(self, message):
        assert message["jsonrpc"] == "2.0"
        with self._changed:
            if "method" in message:
                assert "id" not in message, "a client that offers nothing is asked"
                self.notes.append(message)
            else:
                assert ("result" in message) != ("error" in message), message
                error = message.get("error", {"code": 0, "message": ""})
                assert isinstance(error["code"], int)
                assert isinstance(error["message"], str)
                if message["id"] is None:
                    self.unmatched.append(message["error"])
                else:
                    self.answers.setdefault(message["id"], []).append(message)
            self._changed.notify_all()


class Usage:
    """What a process holds on to."""

    def __init__(self, process):
        looked_at = psutil.Process(process.pid)
        with looked_at.oneshot():
            self.rss = looked_at.memory_info().rss
            self.threads = looked_at.num_threads()
            self.descriptors = looked_at.num_fds() if hasattr(looked_at, "num_fds") else looked_at.num_handles()
        self.processes = len(looked_at.children(recursive=True))

    def __repr__(self):
        return (
            f"{self.rss >> 20} MB, {self.threads} threads, {self.descriptors} descriptors, {self.processes} processes"
        )


def _strict(body):
    return json.loads(body.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_unique)


def _refuse(constant):
    raise ValueError(f"{constant} is no JSON")


def _unique(pairs):
    assert len({name for name, _ in pairs}) == len(pairs), "a name stands twice in an object"
    return dict(pairs)
