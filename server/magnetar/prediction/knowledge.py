"""What one context has observed: the tables behind every prediction, and how an access changes them.

Undecayed counts stay exact for what was kept; what is old fades because tables are bounded, because a document's heat
halves, and because ages are features of their own. Nothing is learned here from what was merely shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from math import inf, sqrt
from typing import Final

from attrs import Factory, define, field

from magnetar.prediction.paths import spelling
from magnetar.prediction.session import Session
from magnetar.prediction.tables import Document, Groups, Neighbours, drop_oldest

MOST_DOCUMENTS: Final = 131_072
"""Keys a context remembers: more files than a developer in a large monorepo touches in years."""
MOST_PAIRS: Final = 150_000
"""Pairs in each table of neighbours; a year of one developer's accesses fits, at some 15 MB."""
_SUCCESSORS: Final = 128
"""Successors counted for one key; a hub keeps those it leads to most."""
_COMPANIONS: Final = 48
"""Companions kept for one key; fewer than a dozen ever weigh enough to be proposed."""
_GROUP: Final = 8
"""Members kept of a folder or a word: as many as are proposed."""
_NEAR: Final = 6
"""Distinct keys back that count as near."""
_FAR: Final = 20
"""Distinct keys back that count as the same errand."""
_ACT: Final = 20
"""Keys of one act that are paired; a commit of more is a sweep."""


def _companions() -> Neighbours:
    return Neighbours(_COMPANIONS, MOST_PAIRS)


@define
class Knowledge:
    """The tables of one context."""

    tick: int = 0
    """How many accesses to a different key there were."""
    transitions: int = 0
    seeded: bool = False
    documents: dict[str, Document] = Factory(dict)
    """Facts of each key, the one accessed last at the end."""
    successors: Neighbours = field(factory=lambda: Neighbours(_SUCCESSORS, MOST_PAIRS))
    """How often one key directly followed another."""
    near: Neighbours = field(factory=_companions)
    """Keys accessed within a few steps, forward counting double."""
    far: Neighbours = field(factory=_companions)
    """Keys of the same session."""
    together: Neighbours = field(factory=_companions)
    """Keys accessed in one act; git's co-change enters here."""
    folder_used: dict[str, int] = field(init=False, factory=dict)
    """The tick of each folder's last access."""
    by_folder: Groups = field(init=False, factory=lambda: Groups(_GROUP, MOST_DOCUMENTS))
    by_word: Groups = field(init=False, factory=lambda: Groups(_GROUP, MOST_DOCUMENTS))

    def __attrs_post_init__(self) -> None:
        if any(document.last > self.tick for document in self.documents.values()):
            raise ValueError("a document was accessed in the future")
        self._index(self.documents)

    def observe(self, session: Session, key: str, at: float | None) -> None:
        """Takes in that a session moves to a different key, and moves the session."""
        self.tick += 1
        self._touch(key)
        if session.current is not None:
            self._relate(session, session.current, key, at)
        self.follow(session, key, at)

    def follow(self, session: Session, key: str, at: float | None) -> None:
        """Moves a session to a key, with what is known to go with it; nothing is learned."""
        session.visit(key, at)
        share = self._share(key)
        session.near.add(self.near.row(key), share)
        session.far.add(self.far.row(key), share)
        session.together.add(self.together.row(key), share)

    def follow_together(self, session: Session, key: str) -> None:
        """Lets a session know at once what was seeded to go with its key."""
        session.together.add(self.together.row(key), self._share(key))

    def seed(self, pairs: Iterable[tuple[str, str, float]]) -> None:
        """Takes in how strongly keys are known to change together; seeding again changes nothing."""
        self.seeded = True
        for one, other, weight in pairs:
            if one != other and 0 < weight < inf:
                self.together.raise_to(one, other, float(weight))
                self.together.raise_to(other, one, float(weight))

    def rename(self, names: Mapping[str, str]) -> None:
        """Carries all tables over from old names to new ones; what is known of two keys that become one is joined."""
        for table in (self.successors, self.near, self.far, self.together):
            table.rename(names)
        renamed = self.documents.keys() & names.keys()
        for old in renamed:
            joined = self.documents.pop(old).join(self.documents.get(names[old]))
            joined.spelled = None
            self.documents[names[old]] = joined
        if renamed:
            self._index({*renamed, *(names[old] for old in renamed)})

    def _share(self, key: str) -> float:
        """What one unit of a key's companions is worth: the more often it was accessed, the less."""
        document = self.documents.get(key)
        return 1.0 / (1.0 + (document.accesses if document else 0))

    def _index(self, keys: Iterable[str]) -> None:
        """Builds anew what follows from the documents: their order, and the folders and words of these keys."""
        self.documents = dict(sorted(self.documents.items(), key=lambda item: item[1].last))
        spelled = [spelling(key) for key in keys]
        folders = {one.folder for one in spelled}
        words = frozenset[str]().union(*(one.words for one in spelled))
        for folder in folders:
            self.by_folder.members.pop(folder, None)
            self.folder_used.pop(folder, None)
        for word in words:
            self.by_word.members.pop(word, None)
        for key, document in self.documents.items():
            one = document.spelled = document.spelled or spelling(key)
            if one.folder in folders:
                self._list_in_folder(one.folder, key, document)
            for word in one.words & words:
                self.by_word.add(word, key)

    def _touch(self, key: str) -> None:
        document = self.documents.pop(key, None)
        if document is None:
            document = Document()
        spelled = document.spelled = document.spelled or spelling(key)
        document.access(self.tick)
        self.documents[key] = document
        drop_oldest(self.documents, MOST_DOCUMENTS)
        self._list_in_folder(spelled.folder, key, document)
        for word in spelled.words:
            self.by_word.add(word, key)

    def _list_in_folder(self, folder: str, key: str, document: Document) -> None:
        self.folder_used.pop(folder, None)
        self.folder_used[folder] = document.last
        drop_oldest(self.folder_used, MOST_DOCUMENTS)
        self.by_folder.add(folder, key)

    def _relate(self, session: Session, current: str, key: str, at: float | None) -> None:
        self.transitions += 1
        self.successors.add(current, key, 1.0)
        new = key not in session.visits
        near, far = 1.0, 1.0
        for place, other in enumerate(session.recent(_FAR)):
            if other == key:
                continue
            if place < _NEAR:
                self.near.add(other, key, near)
                self.near.add(key, other, 0.5 * near)
                near *= 0.7
            if new:
                self.far.add(other, key, far)
                self.far.add(key, other, far)
                far *= 0.92
        if session.in_burst(at):
            weight = 1.0 / sqrt(len(session.burst))
            for other in islice(reversed(session.burst), _ACT):
                if other != key:
                    self.together.add(other, key, weight)
                    self.together.add(key, other, weight)
