"""The definitions of one tree, put together from the spans its query captured; no node's inside is looked at.

What the captures of a query file mean:

- a symbol kind in lower case (`@function`, `@enum_member`): a whole definition
- `@name`: its name. It belongs to the innermost definition around it, as `@scope` and `@body` do
- `@scope`: what the name is written as a member of (`A` in `A::f`)
- `@body`: where the declaration ends
- `@container`: like a definition, but no symbol: it only names what is inside it (an `impl`, an extension)
- `@extent`: a wrapper (`export`, `template`) whose range the definition right inside it takes over
- `@attribute`, `@comment`: what may stand in front of a definition
- `@import`, `@reference`: statements and names that other modules read
- `@_…`: for the query's own conditions
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from attrs import define, field
from tree_sitter import Node

from magnetar.model import SymbolKind

Captures = Mapping[str, Sequence[Node]]

_KINDS: Mapping[str, SymbolKind] = {
    # The weaker first: of two kinds for one span the later one stays.
    "variable": SymbolKind.VARIABLE,
    "field": SymbolKind.FIELD,
    "property": SymbolKind.PROPERTY,
    "constant": SymbolKind.CONSTANT,
    "class": SymbolKind.CLASS,
    "function": SymbolKind.FUNCTION,
    "method": SymbolKind.METHOD,
    "constructor": SymbolKind.CONSTRUCTOR,
    "interface": SymbolKind.INTERFACE,
    "struct": SymbolKind.STRUCT,
    "enum": SymbolKind.ENUM,
    "enum_member": SymbolKind.ENUM_MEMBER,
    "event": SymbolKind.EVENT,
    "module": SymbolKind.MODULE,
    "namespace": SymbolKind.NAMESPACE,
    "operator": SymbolKind.OPERATOR,
    "container": SymbolKind.CLASS,
}
VALUES = frozenset({SymbolKind.VARIABLE, SymbolKind.CONSTANT, SymbolKind.FIELD, SymbolKind.PROPERTY, SymbolKind.EVENT})
"""Kinds of definitions that hold a value rather than code."""
_TYPES = frozenset({SymbolKind.CLASS, SymbolKind.INTERFACE, SymbolKind.STRUCT, SymbolKind.ENUM})
_FUNCTIONS = frozenset({SymbolKind.FUNCTION, SymbolKind.METHOD, SymbolKind.CONSTRUCTOR, SymbolKind.OPERATOR})
_SEVERAL_NAMES = VALUES | {SymbolKind.ENUM_MEMBER}
_IN_TYPES = {SymbolKind.FUNCTION: SymbolKind.METHOD, SymbolKind.VARIABLE: SymbolKind.FIELD}
_CONSTRUCTORS = frozenset({"__init__", "__construct", "constructor"})
_CONSTANT_NAME = re.compile(r"_*[A-Z][A-Z0-9_]+$")
_SCOPE_NOISE = re.compile(r"<.*|\s+", re.DOTALL)
_SEPARATOR = re.compile(r"::|[\\:]")
_QUOTES = b"\"'`:"
_MAX_NAME_BYTES = 200
_MAX_DEPTH = 64
_MAX_DEFINITIONS = 20_000

# Of spans that are equal, the outer comes first: a body that is one wrapped definition, the wrapper, the definition.
_BODY, _EXTENT, _DEFINITION, _SCOPE, _NAME = range(5)


@define(eq=False)
class Definition:
    """One definition: its span with wrappers, where its body starts, the spans of its names, what is around it."""

    kind: SymbolKind
    start: int
    end: int
    parent: Definition | None
    depth: int
    body: int | None = None
    names: list[tuple[int, int]] = field(factory=list)
    scope: str = ""
    path: str = ""
    """The dotted names from the outermost definition to this one."""

    @property
    def container(self) -> str:
        """The dotted names of what this is in; empty at the top level."""
        return _join(self.parent.path if self.parent else "", self.scope)

    @property
    def is_local(self) -> bool:
        """Whether it is a value inside code, or a mere declaration there, which nothing outside can mean."""
        if self.parent is None or self.parent.kind not in _FUNCTIONS | VALUES:
            return False
        return self.kind in VALUES or (self.kind is SymbolKind.FUNCTION and self.body is None)


def nest(source: bytes, captures: Captures) -> list[Definition]:
    """Every definition that is not local, in the order they start."""
    found = _sweep(source, captures)
    for definition in found:
        _resolve(source, definition)
    return [definition for definition in found if not definition.is_local]


def _sweep(source: bytes, captures: Captures) -> list[Definition]:
    """The definitions with their parts and parents, by one pass over the captured spans in order."""
    found: list[Definition] = []
    stack: list[Definition] = []
    wrapper = (0, 0)
    for start, reversed_end, role, kind in sorted(_spans(captures)):
        while stack and stack[-1].end <= start:
            stack.pop()
        parent = stack[-1] if stack else None
        if role == _EXTENT:
            wrapper = wrapper if start < wrapper[1] else (start, -reversed_end)
        elif role != _DEFINITION:
            if parent is not None:
                _add_part(source, parent, role, start, -reversed_end)
        elif len(found) == _MAX_DEFINITIONS:
            break
        elif parent is None or parent.depth < _MAX_DEPTH:
            first, end = wrapper if start < wrapper[1] else (start, -reversed_end)
            wrapper = (0, 0)
            stack.append(Definition(SymbolKind(kind), first, end, parent, parent.depth + 1 if parent else 0))
            found.append(stack[-1])
    return found


def _spans(captures: Captures) -> Iterator[tuple[int, int, int, int]]:
    """(start, -end, role, kind) of every span that the sweep needs: one definition per span."""
    kinds = {
        (node.start_byte, node.end_byte): kind for capture, kind in _KINDS.items() for node in captures.get(capture, ())
    }
    for (start, end), kind in kinds.items():
        yield start, -end, _DEFINITION, kind
    for capture, role in (("extent", _EXTENT), ("scope", _SCOPE), ("name", _NAME), ("body", _BODY)):
        for node in captures.get(capture, ()):
            yield node.start_byte, -node.end_byte, role, 0


def _add_part(source: bytes, definition: Definition, role: int, start: int, end: int) -> None:
    """Gives a definition a scope, a name or its body; what comes late belongs to something that was not captured."""
    has_name = bool(definition.names) and definition.kind not in _SEVERAL_NAMES
    if role == _BODY:
        definition.body = start if definition.body is None else definition.body
    elif has_name or (definition.body is not None and definition.kind in _FUNCTIONS):
        return
    elif role == _SCOPE:
        scope = source[start:end].decode("utf-8", "replace")
        definition.scope = _join(definition.scope, _SEPARATOR.sub(".", _SCOPE_NOISE.sub("", scope)))
    elif end - start <= _MAX_NAME_BYTES:
        name = source[start:end]
        start += len(name) - len(name.lstrip(_QUOTES))
        end -= len(name) - len(name.rstrip(_QUOTES))
        is_blank = name == b"_" and definition.kind in VALUES
        if start < end and b"\n" not in name and not is_blank:
            definition.names.append((start, end))


def _resolve(source: bytes, definition: Definition) -> None:
    """Settles a definition's kind and path, once its names and its parent's are known."""
    container = definition.container
    definition.path = container
    if not definition.names:
        return
    start, end = definition.names[0]
    name = source[start:end].decode("utf-8", "replace")
    definition.path = _join(container, _SEPARATOR.sub(".", name))
    if definition.parent is not None and definition.parent.kind in _TYPES:
        definition.kind = _IN_TYPES.get(definition.kind, definition.kind)
    if definition.kind is SymbolKind.METHOD and (name in _CONSTRUCTORS or name == container.rpartition(".")[2]):
        definition.kind = SymbolKind.CONSTRUCTOR
    elif definition.kind in {SymbolKind.VARIABLE, SymbolKind.FIELD} and _CONSTANT_NAME.match(name):
        definition.kind = SymbolKind.CONSTANT


def _join(outer: str, inner: str) -> str:
    return f"{outer}.{inner}" if outer and inner else outer or inner
