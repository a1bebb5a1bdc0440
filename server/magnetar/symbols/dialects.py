"""Text → the bytes that a grammar reads, and which grammar that is. No byte stands anywhere else than in the text's UTF-8."""

from __future__ import annotations

import re
from itertools import pairwise

_LONE_RETURN = re.compile(rb"\r(?!\n)")
_NOT_A_LINE_BREAK = re.compile(rb"[^\r\n]")
_CPLUSPLUS = re.compile(
    rb"^[ \t]*(?:class\s+\w[^;{]{0,300}\{|namespace\b[^;={]{0,300}\{|template\s*<|(?:public|private|protected)\s*:|using\s+\w+)",
    re.MULTILINE,
)
_SCRIPT_TAG = re.compile(rb"<(/?)script\b[^>]{0,500}>", re.IGNORECASE)
_TYPESCRIPT = re.compile(rb"""\blang\s*=\s*["']?tsx?\b""")
_SAME_GRAMMAR = {"javascriptreact": "javascript"}


def dialect(text: str, language: str) -> tuple[bytes, str]:
    """What to parse, and by which grammar: a header may be C++, a component has a script in it."""
    source = _encoded(text)
    if language == "c" and _CPLUSPLUS.search(source):
        return source, "cpp"
    if language in {"vue", "svelte"}:
        return _script(source)
    return source, _SAME_GRAMMAR.get(language, language)


def _encoded(text: str) -> bytes:
    """The text's bytes, fit for the grammars: they end lines at line feeds, and stumble over NULs."""
    return _LONE_RETURN.sub(b"\n", text.encode("utf-8", "surrogatepass").replace(b"\0", b" "))


def _script(source: bytes) -> tuple[bytes, str]:
    """A component with all but its scripts blanked, and the scripts' language."""
    blank = bytearray(_NOT_A_LINE_BREAK.sub(b" ", source))
    typed = False
    tags = list(_SCRIPT_TAG.finditer(source))
    for opening, closing in pairwise(tags):
        if closing[1] and not opening[1]:
            blank[opening.end() : closing.start()] = source[opening.end() : closing.start()]
            typed = typed or _TYPESCRIPT.search(opening[0]) is not None
    return bytes(blank), "typescript" if typed else "javascript"
