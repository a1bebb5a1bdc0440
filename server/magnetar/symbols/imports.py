"""Import statements as text → the modules they name and the names they take.

Spelled as written, with these few rules, so that a resolver can tell what it must: everything of a module is the name
`*`; a C header in angle brackets keeps them; `require_relative "a"` is `./a`; Rust's `mod a;` is `self::a` and the last
part of a `use` path is a name; so is the member of a static Java import and of a Swift `import struct A.B`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

Imported = tuple[str, tuple[str, ...]]
"""A module's spelling and the names taken from it."""

_ALL = ("*",)
_QUOTED = re.compile(r"""["'`]([^"'`\n]+)["'`]""")
_HASH_COMMENT = re.compile(r"#[^\n]*")
_SLASH_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def imported(statement: str, language: str) -> Iterable[Imported]:
    """The modules that an import statement of a language names, in order."""
    return _READERS[language](statement)


_PYTHON_FROM = re.compile(r"\s*from\b\s*(\.*(?:\s*[\w.]+)?)\s*\bimport\b(.*)", re.DOTALL)


def _python(statement: str) -> Iterator[Imported]:
    text = _HASH_COMMENT.sub("", statement).replace("\\\n", " ").replace("\\\r\n", " ")
    if match := _PYTHON_FROM.match(text):
        yield "".join(match[1].split()), tuple(_first_words(match[2].strip(" \t\r\n();").split(",")))
        return
    for module in _first_words(text.strip().removeprefix("import").split(",")):
        yield module, ()


_ES_FROM = re.compile(r"""^\s*(?:import|export)\b(.*?)\bfrom\s*["']([^"'\n]+)["']""", re.DOTALL)
_ES_CALL = re.compile(r"""\b(?:require|import)\s*\(\s*(?:/\*.*?\*/\s*)?["'`]([^"'`\n]+)""", re.DOTALL)
_ES_PATTERN = re.compile(r"\s*\{(.*?)\}\s*=", re.DOTALL)
_ES_TAKEN = re.compile(r"(?:^|,)\s*([\w$]+)")
_ES_DEFAULT = re.compile(r"\s*([\w$]+)\s*(?:,|$)")


def _ecmascript(statement: str) -> Iterator[Imported]:
    if match := _ES_FROM.match(statement):
        yield match[2], tuple(_ecmascript_names(match[1]))
    elif match := _ES_CALL.search(statement):
        pattern = _ES_PATTERN.match(statement)
        yield match[1], tuple(_ES_TAKEN.findall(pattern[1])) if pattern else ()
    elif match := _QUOTED.search(statement):
        yield match[1], ()


def _ecmascript_names(clause: str) -> Iterator[str]:
    """The names in an import clause: the default's local name, then what stands in braces, then `*`."""
    clause = re.sub(r"^\s*type(?:of)?\s+(?=[\w{*$])", "", _SLASH_COMMENT.sub("", clause))
    if match := _ES_DEFAULT.match(clause):
        yield match[1]
    outside, _, inside = clause.partition("{")
    yield from _first_words(re.sub(r"^\s*type\s+(?!as\b)", "", part) for part in inside.partition("}")[0].split(","))
    if "*" in outside:
        yield "*"


def _go(statement: str) -> Iterator[Imported]:
    yield from ((path, ()) for path in _QUOTED.findall(statement)[:1])


_RUST_WORD = re.compile(r"[{},;*]|(?:r#)?\w+")


def _rust(statement: str) -> Iterator[Imported]:
    text = _SLASH_COMMENT.sub("", statement)
    head = re.match(r"\s*(?:pub\s*(?:\([^)]*\)\s*)?)?(use|mod|extern\s+crate)\b(.*)", text, re.DOTALL)
    if head is None:
        return
    if head[1] != "use":
        name = next(iter(_RUST_WORD.findall(head[2])), "")
        yield ("self::" + name if head[1] == "mod" else name), ()
        return
    modules: dict[str, list[str]] = {}
    for path in _rust_paths(head[2]):
        module, name = ("::".join(path[:-1]), path[-1]) if len(path) > 1 else (path[0], "")
        modules.setdefault(module, []).extend([name] if name else [])
    for module, names in modules.items():
        yield module, tuple(names)


def _rust_paths(tree: str) -> Iterator[tuple[str, ...]]:
    """The full paths of a `use` tree: `a::{b, c::d}` gives (a, b) and (a, c, d)."""
    outer: list[tuple[str, ...]] = []
    path: tuple[str, ...] = ()
    renaming = False
    for word in _RUST_WORD.findall(tree):
        prefix = outer[-1] if outer else ()
        if word == "{":
            outer.append(prefix + path)
            path = ()
        elif word in {",", "}", ";"}:
            if path:
                yield prefix + path
            path, renaming = (), False
            if word == "}" and outer:
                outer.pop()
        elif word == "as":
            renaming = True
        elif not renaming:
            path += (word,)
    if path:
        yield (outer[-1] if outer else ()) + path


_JAVA = re.compile(r"\s*import\s+(static\s+)?([\w.\s]+?)\s*(\.\s*\*)?\s*;?\s*$")


def _java(statement: str) -> Iterator[Imported]:
    if match := _JAVA.match(_SLASH_COMMENT.sub("", statement)):
        module = "".join(match[2].split())
        if match[3]:
            yield module, _ALL
        elif match[1]:
            module, _, member = module.rpartition(".")
            yield module, (member,)
        else:
            yield module, ()


_KOTLIN = re.compile(r"\s*import\s+([\w.`]+?)(\.\*)?(?:\s|$|;)")


def _kotlin(statement: str) -> Iterator[Imported]:
    if match := _KOTLIN.match(statement):
        yield match[1].replace("`", ""), _ALL if match[2] else ()


_SCALA_PART = re.compile(r"([\w.$`]+?)(?:\.(\{[^}]*\}|_|\*|given\b))?\s*(?:,|$)")


def _scala(statement: str) -> Iterator[Imported]:
    text = _SLASH_COMMENT.sub("", statement).strip().removeprefix("import").strip()
    for module, selectors in _SCALA_PART.findall(text):
        if selectors.startswith("{"):
            names = _first_words(selectors[1:-1].split(","))
            yield module, tuple("*" if name in {"_", "given"} else name for name in names)
        else:
            yield module, _ALL if selectors else ()


_CSHARP = re.compile(r"\s*(?:global\s+)?using\s+(?:static\s+|unsafe\s+)*(?:\w+\s*=\s*)?([\w.:@]+)")


def _csharp(statement: str) -> Iterator[Imported]:
    if match := _CSHARP.match(statement):
        yield match[1], ()


_INCLUDE = re.compile(r"""#\s*(?:include|include_next|import)\s*(?:"([^"\n]+)"|(<[^>\n]+>))""")


def _c(statement: str) -> Iterator[Imported]:
    if match := _INCLUDE.search(statement):
        yield match[1] or match[2], ()


def _ruby(statement: str) -> Iterator[Imported]:
    quoted = _QUOTED.findall(statement)
    if not quoted:
        return
    if statement.startswith("require_relative") and not quoted[0].startswith("."):
        yield "./" + quoted[0], ()
    elif statement.startswith("autoload"):
        yield quoted[-1], tuple(re.findall(r":(\w+)", statement)[:1])
    else:
        yield quoted[0], ()


_PHP_KIND = re.compile(r"^\s*(?:function|const)\s+")


def _php(statement: str) -> Iterator[Imported]:
    text = _SLASH_COMMENT.sub("", statement).strip().rstrip(";")
    if not text.startswith("use"):
        yield from ((path, ()) for path in _QUOTED.findall(statement)[:1])
        return
    text = _PHP_KIND.sub("", text.removeprefix("use"))
    module, brace, members = text.partition("{")
    if brace:
        names = _first_words(_PHP_KIND.sub("", part) for part in members.rstrip("} \r\n").split(","))
        yield module.strip(" \t\r\n\\"), tuple(names)
        return
    for module in _first_words(_PHP_KIND.sub("", part) for part in text.split(",")):
        yield module.lstrip("\\"), ()


_SWIFT = re.compile(r"(?:^|\s)import\s+(?:(struct|class|enum|protocol|typealias|func|let|var)\s+)?([\w.]+)")


def _swift(statement: str) -> Iterator[Imported]:
    if match := _SWIFT.search(statement):
        module, _, member = match[2].rpartition(".") if match[1] else (match[2], "", "")
        yield module or member, (member,) if module and member else ()


def _lua(statement: str) -> Iterator[Imported]:
    yield from ((module, ()) for module in _QUOTED.findall(statement)[:1])


_SOURCED = re.compile(r"""(?:source|\.)\s+(?:--\s+)?("[^"\n]*"|'[^'\n]*'|[^\s;&|]+)""")


def _shell(statement: str) -> Iterator[Imported]:
    if match := _SOURCED.match(statement):
        yield match[1].strip("\"'"), ()


def _first_words(parts: Iterable[str]) -> Iterator[str]:
    """The first word of each part that has one: what stands before `as`, `=>` or a default."""
    return (words[0] for words in map(str.split, parts) if words)


_READERS: Mapping[str, Callable[[str], Iterable[Imported]]] = {
    "python": _python,
    "javascript": _ecmascript,
    "typescript": _ecmascript,
    "typescriptreact": _ecmascript,
    "go": _go,
    "rust": _rust,
    "java": _java,
    "c": _c,
    "cpp": _c,
    "csharp": _csharp,
    "ruby": _ruby,
    "php": _php,
    "kotlin": _kotlin,
    "swift": _swift,
    "scala": _scala,
    "lua": _lua,
    "shellscript": _shell,
}
