"""What each conversation has been sent, so that nothing is sent twice and a prompt grows at its end.

It holds no text, only which lines were shown, their hash and their price. Whether they still stand is for the engine to
find out.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from attrs import frozen

from magnetar.cache.kinds import Conversations
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

    def __init__(self, held: Iterable[Held] = ()) -> None:
        self.held = tuple(held)

    def remember(self, held: Iterable[Held]) -> None:
        """Takes over what the client holds after an answer."""
        self.held = tuple(held)


class Ledgers:
    """The conversations of every connection; each keeps its latest ones, for as long as the cache keeps conversations."""

    def __init__(self, conversations: Conversations) -> None:
        """Makes empty ledgers over conversations that no other process has a part in."""
        self._conversations = conversations
        self._names: dict[str, OrderedDict[str, None]] = {}

    async def of(self, ledger: str, conversation_id: str | None) -> Conversation | None:
        """A conversation of a connection, new where it is not known; None for a request outside of any."""
        if conversation_id is None:
            return None
        names = self._names.setdefault(ledger, OrderedDict())
        known = conversation_id in names
        names[conversation_id] = None
        names.move_to_end(conversation_id)
        while len(names) > MOST_CONVERSATIONS:
            await self._conversations.forget(ledger, names.popitem(last=False)[0])
        kept = await self._conversations.get(ledger, conversation_id) if known else None
        return Conversation(map(_held, kept or ()))

    async def keep(self, ledger: str, conversation_id: str, conversation: Conversation) -> None:
        """Takes over what a conversation holds by now."""
        await self._conversations.set(ledger, conversation_id, [_row(one) for one in conversation.held])

    async def forget(self, ledger: str) -> None:
        """The connection ended."""
        for name in self._names.pop(ledger, ()):
            await self._conversations.forget(ledger, name)


def _row(held: Held) -> list[Any]:
    return [held.path, held.kind.value, held.runs, held.digest.hex(), held.tokens]


def _held(row: list[Any]) -> Held:
    path, kind, runs, digest, tokens = row
    return Held(path, ItemKind(kind), tuple((start, end) for start, end in runs), bytes.fromhex(digest), tokens)


def digest_of(text: str) -> bytes:
    """The hash that tells whether shown text still stands."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
