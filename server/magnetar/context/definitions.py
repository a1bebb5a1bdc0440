"""What the code under a cursor stands on: the names it uses, the files that define them, and where in those.

A name that several files define is looked for in the focus itself and where it imports from, through modules that only
pass names on, then nearby. What instances hold is no symbol; it is found where it is assigned, in the focus's own file and
in those it imports, whose classes are the likeliest to be meant. Types are not inferred.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from posixpath import commonprefix, dirname

from attrs import frozen

from magnetar.context.knowledge import Knowledge
from magnetar.context.question import name_term
from magnetar.model import Import
from magnetar.symbols.facts import Facts
from magnetar.symbols.terms import IDENTIFIER, STOP_WORDS, term_hash
from magnetar.workspace.documents import Source
from magnetar.workspace.imports import import_keys, resolve

_MEMBER = re.compile(rf"[.?>]\s*({IDENTIFIER.pattern})")
_INSTANCE = r"\s*(?:self|this|cls)\.NAME\s*(?::[^=]*)?=(?![=>])"
"""An assignment to what an instance holds."""
_LOCAL = (
    r"\s*(?:(?:export|declare|readonly|private|protected|public|static|const|let|var|async|def|class|function|type)\s+)*"
    r"#?NAME(?:\s*\??:(?!:)|\s*=(?![=>])|\s*\(.*\)\s*[:{])"
)
"""A declaration, an annotation or an assignment at the start of a line."""
_SHORTEST = 2
_MOST_DEFINERS = 12
_KEPT = 2
_MOST_LIKELY = 4
_MOST_IMPORTED = 24
_MOST_FOLLOWED = 8
_MOST_HOLDERS = 8
_IMPORTED, _ATTRIBUTE = 0.8, 0.8
_MOST_SAME = 4
"""Definitions of one name in one file, such as overloads."""

Sure = Mapping[str, Mapping[str, float]]
"""Path to names, each with how sure it is that the file says what it is."""


@frozen
class Needed:
    """What some code uses."""

    path: str
    """The document that the code stands in."""
    defined: Sure
    """Files that define it."""
    attributes: Sure
    """Files that may assign it to an instance."""

    @classmethod
    def nothing(cls) -> Needed:
        """No code, or none that uses anything."""
        return cls("", {}, {})

    @property
    def paths(self) -> list[str]:
        """All of the files, the surest first."""
        return list(dict.fromkeys((*self.defined, *self.attributes)))

    def pieces(self, source: Source) -> dict[int, float]:
        """The pieces of a document that say what is needed of it, each with how sure that is."""
        found: dict[int, float] = {}
        for line, sure in self._lines(source):
            piece = int(source.facts.ends.searchsorted(line, "right"))
            if piece < len(source.facts.starts) and source.facts.starts[piece] <= line:
                found[piece] = max(found.get(piece, 0.0), sure)
        return found

    def _lines(self, source: Source) -> Iterator[tuple[int, float]]:
        defined, attributes = self.defined.get(source.path, {}), self.attributes.get(source.path, {})
        seen: dict[str, int] = {}
        for symbol in source.facts.symbols if defined or attributes else ():
            name = symbol.name.lstrip("#")
            sure = defined.get(name) or attributes.get(name)
            if sure is not None and seen.get(name, 0) < _MOST_SAME:
                seen[name] = seen.get(name, 0) + 1
                yield symbol.selection.start.line, sure
        for name, sure in attributes.items():
            if name not in seen:
                held = _assignments(source, name, _INSTANCE)
                local = _assignments(source, name, _LOCAL) if source.path == self.path else ()
                for line in islice(chain(held, local), _KEPT):
                    yield line, sure


async def definitions_used(workspace: Knowledge, path: str, facts: Facts, text: str) -> Needed:
    """What some code uses.

    Args:
        workspace: where to look.
        path: the document the code stands in.
        facts: its facts.
        text: the code, with the heads of the classes it stands in.
    """
    members = dict.fromkeys(name for name in _MEMBER.findall(text) if len(name) > _SHORTEST)
    words = dict.fromkeys(IDENTIFIER.findall(text))
    names = [name for name in words if name in members or name.lower() not in STOP_WORDS]
    definers = await workspace.defining([name for name in names if len(name) > _SHORTEST])
    near, far, exporters = await _imported(workspace, path, facts.imports, words)
    found: dict[str, dict[str, float]] = {}
    for name in names:
        known = definers.get(name, ()) if len(name) > _SHORTEST else _defining(name, near | far)
        exact = [one for one in dict.fromkeys(exporters.get(name, ())) if one in known]
        for chosen, sure in _choose(path, known, exact, near, far).items():
            found.setdefault(chosen, {})[name] = sure
    around = {path: facts} | near | far
    attributes: dict[str, dict[str, float]] = {}
    for name in names:
        if name not in members and any(name in known for known in found.values()):
            continue
        hashed = term_hash(name_term(name))
        holders = [one for one, its in around.items() if _holds(its, hashed)]
        for holder in holders[:_MOST_HOLDERS]:
            if name not in found.get(holder, {}):
                attributes.setdefault(holder, {})[name] = _ATTRIBUTE
    return Needed(path, found, attributes)


async def _imported(
    workspace: Knowledge, path: str, imports: Sequence[Import], words: Collection[str]
) -> tuple[dict[str, Facts], dict[str, Facts], dict[str, list[str]]]:
    """The files that imports bring in which some words make use of, those that these import in turn, and who exports what."""
    used = [one for one in imports if any(name in words for name in (*one.names, one.module.rpartition(".")[2]))]
    modules = await workspace.modules(import_keys(path, used))
    exporters: dict[str, list[str]] = {}
    for taken in used:
        for name in taken.names:
            if name in words:
                exporters.setdefault(name, []).extend(resolve(path, [taken], modules))
    direct = resolve(path, used, modules)[:_MOST_IMPORTED]
    known = await workspace.facts(direct)
    near = {one: known[one] for one in direct if one in known}
    followed = list(near.items())[:_MOST_FOLLOWED]
    modules = await workspace.modules({key for one, its in followed for key in import_keys(one, its.imports)})
    passed: dict[str, None] = {}
    for one, its in followed:
        for imported in its.imports:
            further = [other for other in resolve(one, [imported], modules) if other != path]
            passed.update(dict.fromkeys(further))
            for name, files in exporters.items():
                if one in files and (name in imported.names or not imported.names):
                    files.extend(further)
    beyond = [one for one in passed if one not in near][:_MOST_IMPORTED]
    far = await workspace.facts(beyond)
    return near, {one: far[one] for one in beyond if one in far}, exporters


def _choose(
    path: str, definers: Sequence[str], exact: Sequence[str], near: Collection[str], far: Collection[str]
) -> dict[str, float]:
    """The files that likely define a name, by how likely it is."""
    if exact:
        return dict.fromkeys(exact[:_KEPT], 1.0)
    found: dict[str, float] = {path: 1.0} if path in definers else {}
    for known, sure in ((near, _IMPORTED), (far, _IMPORTED)):
        for one in [one for one in known if one in definers and one != path]:
            if len(found) < _MOST_LIKELY:
                found.setdefault(one, sure)
    if not found and len(definers) <= _MOST_DEFINERS:
        here = dirname(path)
        nearest = sorted(definers, key=lambda one: (-len(commonprefix([here, dirname(one)])), one))[:_KEPT]
        found = {one: 1.0 / (1 + place) for place, one in enumerate(nearest)}
    return found


def _defining(name: str, facts: Mapping[str, Facts]) -> list[str]:
    return [one for one, its in facts.items() if any(symbol.name == name for symbol in its.symbols)]


def _holds(facts: Facts, term: int) -> bool:
    place = int(facts.terms.searchsorted(term))
    return place < len(facts.terms) and int(facts.terms[place]) == term


def _assignments(source: Source, name: str, pattern: str) -> Iterator[int]:
    """The lines that give a value or a type to a name that is no symbol."""
    facts = source.facts
    term = term_hash(name_term(name))
    first, last = facts.terms.searchsorted(term), facts.terms.searchsorted(term, "right")
    assigns = re.compile(pattern.replace("NAME", re.escape(name)))
    for piece in sorted(set(facts.pieces[first:last].tolist())):
        for line in range(int(facts.starts[piece]), int(facts.ends[piece])):
            if assigns.match(source.lines[line]):
                yield line


def heads(facts: Facts, lines: Sequence[str], start: int, end: int) -> Iterable[str]:
    """The first lines of the definitions that some lines stand in."""
    for symbol in facts.symbols:
        first, last = symbol.range.start.line, symbol.range.end.line + 1
        if first < start and end <= last:
            yield lines[symbol.selection.start.line]
