"""Grammars and their queries, loaded when a language is first met.

The only module that knows which package holds which grammar.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module, resources

from attrs import frozen
from tree_sitter import Language, Query


@frozen
class Grammar:
    """A compiled grammar with everything that is asked of its trees, in one query."""

    language: Language
    query: Query


@frozen
class _Source:
    """Where a grammar comes from: a module, the function in it, and the query files to join."""

    module: str
    queries: tuple[str, ...]
    function: str = "language"


_SOURCES = {
    "python": _Source("tree_sitter_python", ("python",)),
    "javascript": _Source("tree_sitter_javascript", ("ecmascript", "javascript")),
    "typescript": _Source("tree_sitter_typescript", ("ecmascript", "typescript"), "language_typescript"),
    "typescriptreact": _Source("tree_sitter_typescript", ("ecmascript", "typescript"), "language_tsx"),
    "go": _Source("tree_sitter_go", ("go",)),
    "rust": _Source("tree_sitter_rust", ("rust",)),
    "java": _Source("tree_sitter_java", ("java",)),
    "c": _Source("tree_sitter_c", ("c",)),
    "cpp": _Source("tree_sitter_cpp", ("c", "cpp")),
    "csharp": _Source("tree_sitter_c_sharp", ("csharp",)),
    "ruby": _Source("tree_sitter_ruby", ("ruby",)),
    "php": _Source("tree_sitter_php", ("php",), "language_php"),
    "kotlin": _Source("tree_sitter_kotlin", ("kotlin",)),
    "swift": _Source("tree_sitter_swift", ("swift",)),
    "scala": _Source("tree_sitter_scala", ("scala",)),
    "lua": _Source("tree_sitter_lua", ("lua",)),
    "shellscript": _Source("tree_sitter_bash", ("bash",)),
}
GRAMMARS = frozenset(_SOURCES)
"""The names that `grammar` knows; they are LSP language identifiers."""


@cache
def grammar(name: str, *, references: bool = True) -> Grammar:
    """The grammar of a name in `GRAMMARS`; importing and compiling it takes tens of milliseconds, once per process.

    Without references its query looks past them, which takes a quarter less.
    """
    source = _SOURCES[name]
    language = Language(getattr(import_module(source.module), source.function)())
    folder = resources.files("magnetar.symbols") / "queries"
    text = "\n".join((folder / f"{query}.scm").read_text("utf-8") for query in source.queries)
    query = Query(language, text)
    if not references:
        query.disable_capture("reference")
    return Grammar(language, query)
