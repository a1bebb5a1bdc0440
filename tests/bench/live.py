"""A client that asks on while answers are outstanding; a thread notes when each arrives."""

from __future__ import annotations

import json
import re
import threading
from time import perf_counter
from typing import Any, Final

from .wire import Connection

_NUMBER: Final = re.compile(rb'"id": ?(\d+)[,}]')
_PATIENCE: Final = 3_600.0


class Live(Connection):
    """A connection to one server process."""

    def __init__(self, *command: str) -> None:
        super().__init__(*command)
        self.started = perf_counter()
        self._writing = threading.Lock()
        self._asked: dict[int, float] = {}
        self._answers: dict[int, tuple[float, bytes]] = {}
        self._arrived = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def ask(self, method: str, params: Any) -> int:
        """Sends a request and gives its number."""
        number = next(self._numbers)
        self._asked[number] = perf_counter()
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return number

    def request(self, method: str, params: Any) -> bytes:
        """The body of the answer."""
        return self.answer(self.ask(method, params))

    def answer(self, number: int) -> bytes:
        """The body of the answer to a request, waited for."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: number in self._answers, _PATIENCE):
                raise RuntimeError(f"request {number} was not answered")
        return self._answers[number][1]

    def result(self, method: str, params: Any) -> Any:
        """What a request is answered with."""
        return json.loads(self.request(method, params))["result"]

    def answered(self, number: int) -> bool:
        """Whether the answer has arrived."""
        return number in self._answers

    def seconds(self, number: int) -> float:
        """How long the answer to a request took."""
        self.answer(number)
        return self._answers[number][0] - self._asked[number]

    def _send(self, message: Any) -> None:
        with self._writing:
            super()._send(message)

    def _listen(self) -> None:
        try:
            while True:
                self._take(self._body())
        except (RuntimeError, OSError, ValueError):
            return  # the server ended

    def _take(self, body: bytes) -> None:
        now = perf_counter()
        if b'"method"' in body[:200]:
            if b'"id"' in body[:200]:  # the server asks something, such as to watch files
                self._send({"jsonrpc": "2.0", "id": json.loads(body)["id"], "result": None})
            return
        number = _NUMBER.search(body, 0, 64) or _NUMBER.search(body, len(body) - 64)
        if number is not None:
            with self._arrived:
                self._answers[int(number[1])] = now, body
                self._arrived.notify_all()
