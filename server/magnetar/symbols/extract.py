"""Text → symbols, references and imports.

Pure: no I/O but the grammars' own loading. Broken syntax gives what its error-tolerant tree holds; a language without a
grammar gives nothing, and so does a text whose parse would take out of all proportion to its size.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from attrs import frozen
from tree_sitter import Tree

from magnetar.model import Import, Position, Range, Reference, Symbol
from magnetar.symbols.declarations import Surroundings
from magnetar.symbols.definitions import Captures, Definition, nest
from magnetar.symbols.dialects import dialect
from magnetar.symbols.grammars import GRAMMARS, Grammar, grammar
from magnetar.symbols.imports import imported
from magnetar.symbols.keywords import keywords
from magnetar.symbols.lines import SourceLines
from magnetar.symbols.markdown import headings, links
from magnetar.symbols.parsing import capture, parse
from magnetar.symbols.wording import DOCSTRINGS, Declaration

_BEFORE_BRACE = re.compile(rb"(?<=[\w)\]\"'}?])[ \t](?=\})")
LONGEST_IMPORT = 20_000
"""Bytes of an import statement that are looked at."""


@frozen
class Extracted:
    """What one text defines and imports, in order, and what it uses, by name and line."""

    declarations: tuple[Declaration, ...] = ()
    references: tuple[Reference, ...] = ()
    imports: tuple[Import, ...] = ()

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """What it defines."""
        return tuple(declaration.symbol for declaration in self.declarations)


def takes_a_parser(language: str) -> bool:
    """Whether it takes a grammar to find what a text in this language defines; else that costs next to nothing."""
    return dialect("", language)[1] in GRAMMARS


def extract(text: str, language: str, *, references: bool = True) -> Extracted:
    """What a text defines, uses (unless that is not wanted) and imports; `language` is an LSP language identifier."""
    if language == "markdown":
        return Extracted(tuple(Declaration(symbol) for symbol in headings(text)), imports=links(text))
    source, name = dialect(text, language)
    if name not in GRAMMARS:
        return Extracted()
    chosen = grammar(name, references=references)
    tree = parse(source, chosen.language)
    if name == "kotlin" and tree is not None and tree.root_node.has_error:
        tree = _repaired_kotlin(source, chosen) or tree
    if tree is None:
        return Extracted()
    captures = capture(tree, chosen.query)
    lines = SourceLines.of(source)
    surroundings = Surroundings.of(source, captures, docstrings=name in DOCSTRINGS)
    declarations = tuple(_declarations(lines, nest(source, captures), surroundings))
    return Extracted(
        declarations,
        tuple(_references(source, captures, declarations, keywords(language))),
        tuple(_imports(lines, captures, name)),
    )


def _repaired_kotlin(source: bytes, chosen: Grammar) -> Tree | None:
    """The tree after the grammar's blind spot, a statement that a brace on its line ends, is filled with `;`."""
    tree = parse(_BEFORE_BRACE.sub(b";", source), chosen.language)
    return None if tree is None or tree.root_node.has_error else tree


def _declarations(
    lines: SourceLines, definitions: list[Definition], surroundings: Surroundings
) -> Iterator[Declaration]:
    """The declarations of the definitions, one for each name."""
    for definition in definitions:
        if not definition.names:
            continue
        whole = lines.range(*surroundings.span(definition))
        signature, doc = surroundings.signature(definition), surroundings.doc(definition)
        container = definition.container or None
        for start, end in definition.names:
            first = lines.position(start)
            selection = Range(first, Position(first.line, first.column + end - start))
            symbol = Symbol(lines.text(start, end), definition.kind, whole, selection, container)
            yield Declaration(symbol, signature, doc)


def _references(
    source: bytes, captures: Captures, declarations: tuple[Declaration, ...], reserved: frozenset[str]
) -> Iterator[Reference]:
    """Each name once per line, by name and line, but for reserved words and the names that the line defines."""
    lines_of: defaultdict[bytes, set[int]] = defaultdict(set)
    for node in captures.get("reference", ()):
        lines_of[source[node.start_byte : node.end_byte]].add(node.start_point[0])
    for declaration in declarations:
        symbol = declaration.symbol
        lines_of[symbol.name.encode()].discard(symbol.selection.start.line)
    for spelling in sorted(lines_of):
        name = spelling.decode("utf-8", "replace")
        if name and name not in reserved:
            yield from [Reference(name, line) for line in sorted(lines_of[spelling])]


def _imports(lines: SourceLines, captures: Captures, language: str) -> Iterator[Import]:
    """What the import statements name; of nested ones (`const {a} = require("b")`) the outer."""
    spans = sorted((node.start_byte, -node.end_byte) for node in captures.get("import", ()))
    read_to = 0
    for start, reversed_end in spans:
        end = -reversed_end
        if start < read_to:
            continue
        read_to = end
        line = lines.position(start).line
        for module, names in imported(lines.text(start, min(end, start + LONGEST_IMPORT)), language):
            yield Import(module, names, line)
