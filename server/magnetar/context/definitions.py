"""What the code under a cursor stands on: the names it uses, the files that define them, and where in those.

A name that several files define is looked for in the focus itself and where it imports from, through modules that only
pass names on, then nearby. What instances hold is no symbol; it is found where it is assigned, in the focus's own file and
in those it imports, whose classes are the likeliest to be meant. Types are not inferred.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import compress
from posixpath import commonprefix, dirname

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from magnetar.context.knowledge import Knowledge
from magnetar.context.pointed import FUNCTIONS
from magnetar.context.question import name_term
from magnetar.model import Import
from magnetar.symbols.facts import Facts
from magnetar.symbols.terms import IDENTIFIER, STOP_WORDS, term_hash
from magnetar.workspace.documents import Source
from magnetar.workspace.imports import import_keys, resolve

_MEMBER = re.compile(rf"[.?>]\s*({IDENTIFIER.pattern})")
_KEY = re.compile(rf"^[ \t]*({IDENTIFIER.pattern})\s*[:,]", re.MULTILINE)
"""A key of an object, an argument by name."""
_INSTANCE = re.compile(rf"\s*(?:self|this|cls)\.({IDENTIFIER.pattern})\s*(?::[^=]*)?=(?![=>])")
"""An assignment to what an instance holds."""
_LOCAL = re.compile(
    r"\s*(?:(?:export|declare|readonly|private|protected|public|static|const|let|var|async|def|class|function|type)\s+)*"
    rf"#?({IDENTIFIER.pattern})(?:\s*\??:(?!:)|\s*=(?![=>])|\s*\(.*\)\s*[:{{])"
)
"""A declaration, an annotation or an assignment at the start of a line."""
_SHORTEST = 2
_MOST_DEFINERS = 12
_MOST_NAMES = 400
"""Names that are looked up, the first ones: a function uses some dozens, a selected file may use thousands."""
_MOST_FILES = 40
_LONGEST_AROUND = 150
"""Lines of a function that is looked at whole because the cursor is in one inside it."""
_KEPT = 2
_MOST_LIKELY = 4
_MOST_IMPORTED = 24
_MOST_FOLLOWED = 8
_MOST_HOLDERS = 8
_IMPORTED, _ATTRIBUTE = 0.8, 0.8
_MOST_SAME = 6
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
        """The files that say most of it, at most forty."""
        sure: dict[str, float] = {}
        for known in (self.defined, self.attributes):
            for path, names in known.items():
                sure[path] = sure.get(path, 0.0) + sum(names.values())
        return sorted(sure, key=lambda path: (-sure[path], path))[:_MOST_FILES]

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
        if not defined and not attributes:
            return
        for symbol, line in zip(source.facts.symbol_names, source.facts.named_lines.tolist(), strict=True):
            name = symbol.lstrip("#")
            sure = defined.get(name) or attributes.get(name)
            if sure is not None and seen.get(name, 0) < _MOST_SAME:
                seen[name] = seen.get(name, 0) + 1
                yield line, sure
        assigned = _assignments(source, attributes.keys(), local=source.path == self.path) if attributes else {}
        for name, lines in assigned.items():
            for line in lines[:_KEPT]:
                yield line, attributes[name]


async def definitions_used(workspace: Knowledge, path: str, facts: Facts, text: str) -> Needed:
    """What some code uses.

    Args:
        workspace: where to look.
        path: the document the code stands in.
        facts: its facts.
        text: the code, with the heads of the classes it stands in.
    """
    members = dict.fromkeys(name for name in (*_MEMBER.findall(text), *_KEY.findall(text)) if len(name) > _SHORTEST)
    words = dict.fromkeys(IDENTIFIER.findall(text))
    names = [name for name in words if name in members or name.lower() not in STOP_WORDS][:_MOST_NAMES]
    definers = await workspace.defining([name for name in names if len(name) > _SHORTEST])
    near, far, exporters = await _imported(workspace, path, facts.imports, words)
    defined = {one: frozenset(its.symbol_names) for one, its in (near | far).items()}
    found: dict[str, dict[str, float]] = {}
    for name in names:
        known = definers.get(name, ()) if len(name) > _SHORTEST else [one for one in defined if name in defined[one]]
        exact = [one for one in dict.fromkeys(exporters.get(name, ())) if one in known]
        widely = name in members
        for chosen, sure in _choose(path, known, exact, near, far, widely=widely).items():
            found.setdefault(chosen, {})[name] = sure
    explained = {name for its in found.values() for name in its}
    unexplained = [name for name in names if name in members or name not in explained]
    attributes = _attributes(unexplained, members, {path: facts} | near | far, found)
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
    path: str,
    definers: Sequence[str],
    exact: Sequence[str],
    near: Collection[str],
    far: Collection[str],
    *,
    widely: bool,
) -> dict[str, float]:
    """The files that likely define a name, by how likely it is; of a member of who knows what, some more."""
    if exact:
        return dict.fromkeys(exact[:_KEPT], 1.0)
    found: dict[str, float] = {path: 1.0} if path in definers else {}
    for known, sure in ((near, _IMPORTED), (far, _IMPORTED)):
        for one in [one for one in known if one in definers and one != path]:
            if len(found) < _MOST_LIKELY:
                found.setdefault(one, sure)
    if (widely or not found) and len(definers) <= _MOST_DEFINERS:
        here = dirname(path)
        nearest = sorted(definers, key=lambda one: (-len(commonprefix([here, dirname(one)])), one))
        for place, one in enumerate(nearest[: _MOST_LIKELY if widely else _KEPT]):
            if len(found) < _MOST_LIKELY:
                found.setdefault(one, 1.0 / (1 + place))
    return found


def _attributes(
    names: Sequence[str], members: Collection[str], around: Mapping[str, Facts], found: Sure
) -> dict[str, dict[str, float]]:
    """The files that hold members, or names which they do not define: they may assign them to an instance."""
    hashes = np.array([term_hash(name_term(name)) for name in names], np.uint32)
    holders = dict.fromkeys(names, 0)
    attributes: dict[str, dict[str, float]] = {}
    for path, facts in around.items():
        defined = found.get(path, {})
        for name in compress(names, _among(hashes, facts.terms).tolist()):
            holders[name] += 1
            if holders[name] <= _MOST_HOLDERS and (name in members or name not in defined):
                attributes.setdefault(path, {})[name] = _ATTRIBUTE
    return attributes


def _among(values: NDArray[np.uint32], known: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """(values,) whether each is one of those known, which ascend."""
    if not len(known):
        return np.zeros(len(values), bool)
    found: NDArray[np.bool_] = known[np.minimum(known.searchsorted(values), len(known) - 1)] == values
    return found


def _assignments(source: Source, names: Collection[str], *, local: bool) -> dict[str, list[int]]:
    """The lines that give names a value or a type: those of instances first, then, where wanted, local ones."""
    facts = source.facts
    hashes = np.array(sorted(term_hash(name_term(name)) for name in names), np.uint32)
    held: dict[str, list[int]] = {}
    declared: dict[str, list[int]] = {}
    for piece in sorted(set(facts.pieces[_among(facts.terms, hashes)].tolist())):
        for number in range(int(facts.starts[piece]), int(facts.ends[piece])):
            line = source.lines[number]
            if (match := _INSTANCE.match(line)) and match[1] in names:
                held.setdefault(match[1], []).append(number)
            elif local and (match := _LOCAL.match(line)) and match[1] in names:
                declared.setdefault(match[1], []).append(number)
    return {name: held.get(name, []) + declared.get(name, []) for name in (*held, *declared)}


def surroundings(facts: Facts, lines: Sequence[str], start: int, end: int) -> str:
    """The code in some lines, with the functions it is nested in where these are short, and the first lines of whatever else it is."""
    first, last = start, end
    heads = []
    for symbol in facts.symbols:
        outer, close = symbol.range.start.line, symbol.range.end.line + 1
        if outer < start and end <= close:
            if symbol.kind in FUNCTIONS and close - outer <= _LONGEST_AROUND:
                first, last = min(first, outer), max(last, close)
            else:
                heads.append(lines[symbol.selection.start.line])
    return "".join((*heads, *lines[first:last]))
