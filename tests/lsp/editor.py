"""An editor on the real server in a real process: blocking calls, so that one server can serve many tests.

It knows the protocol only. What an answer must hold is `truth.py`'s business.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

PATIENCE = 300
START_SECONDS = 100
"""A start that takes longer hangs, and is asked where."""


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = error["code"]
        self.kind = (error.get("data") or {}).get("kind")


class Pending:
    """A request that is under way."""

    def __init__(self, number):
        self.number = number
        self.sent = time.perf_counter()
        self._answers = queue.SimpleQueue()

    def arrive(self, message):
        self._answers.put((time.perf_counter(), message))

    def message(self, seconds=PATIENCE):
        """The answer as it came, and the seconds it took."""
        came, message = self._answers.get(timeout=seconds)
        return message, came - self.sent

    def result(self, seconds=PATIENCE):
        message, _ = self.message(seconds)
        if "error" in message:
            raise Refused(message["error"])
        return message["result"]


class Editor:
    """One server process and its client; `notes` holds every notification, in order.

    `log` is an open file that gets all that the server logs.
    """

    def __init__(self, cache, *folders, options=None, encodings=("utf-8",), progress=False, log=None):
        self.cache = cache
        self.notes = []
        self.errors = ""
        """What the server wrote to stderr, once it has ended."""
        self._noted = threading.Condition()
        self._pending = {}
        self._numbers = iter(range(1, 1_000_000_000))
        self._versions = {}
        self._sending = threading.Lock()
        self.started = time.perf_counter()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self.process = subprocess.Popen(
            [
                sys.executable, "-X", "faulthandler", "-m", "magnetar", "serve", "--cache-dir", str(cache),
                *(() if log is None else ("--log-level", "debug")),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log or self._errors,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.capabilities = self._initialize(
            {
                "processId": os.getpid(),
                "rootUri": None,
                "workspaceFolders": [folder_of(folder) for folder in folders],
                "capabilities": {
                    "general": {"positionEncodings": list(encodings)},
                    "window": {"workDoneProgress": progress},
                    "workspace": {"workspaceFolders": True},
                },
                "initializationOptions": options or {},
            },
        )["capabilities"]
        self.initialize_seconds = time.perf_counter() - self.started
        self.notify("initialized", {})

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def _initialize(self, params):
        pending = self.start("initialize", params)
        try:
            return pending.result(START_SECONDS)
        except queue.Empty:
            self.process.send_signal(signal.SIGABRT)  # it says where its threads are
            self._ended()
            raise AssertionError(f"initialize was not answered: {self.errors}") from None

    # -- the wire --------------------------------------------------------------------------------------------------

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        with self._sending:
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            self.process.stdin.flush()

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def start(self, method, params):
        pending = Pending(next(self._numbers))
        self._pending[pending.number] = pending
        self.send({"id": pending.number, "method": method, "params": params})
        return pending

    def request(self, method, params):
        return self.start(method, params).result()

    def ask(self, name, **params):
        """One of the server's own requests, by its last word."""
        return self.request(f"magnetar/{name}", params)

    def cancel(self, pending):
        self.notify("$/cancelRequest", {"id": pending.number})

    def wait_for_note(self, wanted, since=0):
        """The first notification that is wanted, of those that came and those that come."""
        ends = time.monotonic() + PATIENCE
        with self._noted:
            while True:
                for note in self.notes[since:]:
                    if wanted(note):
                        return note
                assert self._noted.wait(ends - time.monotonic()), "the notification never came"

    def wait_until_quiescent(self):
        self.wait_for_note(lambda note: note["method"] == "experimental/serverStatus" and note["params"]["quiescent"])

    def _read(self):
        try:
            while (length := self._length()) is not None:
                self._receive(json.loads(self.process.stdout.read(length)))
        except (OSError, ValueError):
            pass
        for pending in list(self._pending.values()):
            pending.arrive({"error": {"code": 0, "message": "the server is gone"}})

    def _length(self):
        length = None
        while (line := self.process.stdout.readline()).strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return length

    def _receive(self, message):
        if "method" not in message:
            self._pending.pop(message["id"]).arrive(message)
        elif "id" in message:
            self.send({"id": message["id"], "result": None})
        else:
            with self._noted:
                self.notes.append(message)
                self._noted.notify_all()

    # -- what a user does ------------------------------------------------------------------------------------------

    def open(self, path, text=None):
        self._versions[path] = 1
        text = Path(path).read_text("utf-8") if text is None else text
        document = {"uri": path.as_uri(), "languageId": "python", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change(self, path, *changes):
        """Sends edits: texts, or (range, text) pairs."""
        self._versions[path] += 1
        events = [{"text": one} if isinstance(one, str) else {"range": one[0], "text": one[1]} for one in changes]
        document = {"uri": path.as_uri(), "version": self._versions[path]}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": events})

    def save(self, path):
        self.notify("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})

    def close_document(self, path):
        self.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})

    def focus(self, path):
        self.notify("textDocument/didFocus", {} if path is None else {"textDocument": {"uri": path.as_uri()}})

    def change_folders(self, added=(), removed=()):
        event = {"added": [folder_of(one) for one in added], "removed": [folder_of(one) for one in removed]}
        self.notify("workspace/didChangeWorkspaceFolders", {"event": event})

    def settle(self):
        assert self.ask("synchronize") == {}

    # -- the end ---------------------------------------------------------------------------------------------------

    def close(self):
        """Leaves as an editor does; the exit code."""
        if self.process.poll() is None:
            with contextlib.suppress(OSError, Refused):
                self.request("shutdown", None)
                self.notify("exit", None)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self._ended()

    def kill(self):
        """Ends the server as a crash does."""
        self.process.kill()
        return self._ended()

    def _ended(self):
        code = self.process.wait()
        self._reader.join(10)
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.stdout.close()
        if not self._errors.closed:
            self._errors.seek(0)
            self.errors = self._errors.read().decode(errors="replace")
            self._errors.close()
        return code


def folder_of(path):
    return {"uri": path.as_uri(), "name": path.name}
