"""What each conversation has been sent, so that nothing is sent twice and a prompt grows at its end.

Pure bookkeeping: it holds no text, only which lines were shown, their hash and their price. Whether they still stand is for
the engine to find out.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from hashlib import blake2b

from attrs import frozen

from magnetar.context.packing import Runs
from magnetar.model import ItemKind

MOST_CONVERSATIONS = 32


@frozen
class Held:
    """One item that the client holds; identity is path, kind and the hash of the shown text."""

    path: str
    kind: ItemKind
    runs: Runs
    digest: bytes
    tokens: int


class Conversation:
    """What one conversation holds, in prompt order."""

    def __init__(self) -> None:
        self.held: tuple[Held, ...] = ()

    def remember(self, held: Iterable[Held]) -> None:
        """Takes over what the client holds after an answer."""
        self.held = tuple(held)


class Ledgers:
    """The conversations of every connection; each keeps its latest ones."""

    def __init__(self) -> None:
        self._ledgers: dict[str, OrderedDict[str, Conversation]] = {}

    def of(self, ledger: str, conversation_id: str | None) -> Conversation | None:
        """A conversation of a connection, new where it is not known; None for a request outside of any."""
        if conversation_id is None:
            return None
        conversations = self._ledgers.setdefault(ledger, OrderedDict())
        found = conversations.setdefault(conversation_id, Conversation())
        conversations.move_to_end(conversation_id)
        while len(conversations) > MOST_CONVERSATIONS:
            conversations.popitem(last=False)
        return found

    def forget(self, ledger: str) -> None:
        """The connection ended."""
        self._ledgers.pop(ledger, None)


def digest_of(text: str) -> bytes:
    """The hash that tells whether shown text still stands."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
