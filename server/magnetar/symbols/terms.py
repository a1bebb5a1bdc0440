"""Words as the index knows them: sub-word stems of identifiers and prose, and whole identifiers.

`parseHTTPHeaders` gives the stems `pars`, `http`, `header` and the exact term `=parsehttpheaders`; the stemmer is a few English
suffix rules, enough to bring `parse`, `parsing` and `parser` together. Terms are compared by a 32-bit hash inside
`Facts` and as text in the full-text index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from zlib import crc32

_REMEMBERED = 32_768
"""Words whose terms are kept at hand: those of neighbouring files. More are found no more often, and take memory in each worker."""

IDENTIFIER = re.compile(r"[^\W\d]\w*(?:\$\w*)*|\$\w+")
_BETWEEN_WORDS = bytes(byte if re.match(rb"[\w$]", bytes([byte])) else ord(" ") for byte in range(256))
"""For `bytes.translate`: what stands in no identifier becomes a space."""
_SUBWORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\dA-Za-z_]+")
_SUFFIXES = (
    ("ization", "ize"),
    ("ations", "ate"),
    ("ation", "ate"),
    ("ies", "y"),
    ("ing", ""),
    ("ers", "er"),
    ("ed", ""),
    ("es", ""),
    ("s", ""),
)
STOP_WORDS = frozenset(
    "the a an and or of to in is it for on with as by be this that from at are was not if else return def class self"
    " none true false import func fn let const var new use pub mut function when should now we can will which than so"
    " but into add fix make also get set end type str int string bool err nil null void async await export"
    " default".split()
)


@lru_cache(maxsize=_REMEMBERED)
def stem(word: str) -> str:
    """The stem of a lower-case word."""
    for suffix, replacement in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and not word.endswith("ss"):
            word = word[: -len(suffix)] + replacement
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
                word = word[:-1]
            break
    return word[:-1] if len(word) > 4 and word[-1] == "e" else word


@lru_cache(maxsize=_REMEMBERED)
def stems(identifier: str) -> tuple[str, ...]:
    """The distinct stems of an identifier's sub-words, stop words left out."""
    if identifier.lower().strip("_$") in STOP_WORDS:
        return ()
    found = dict.fromkeys([stem(part.lower()) for part in _SUBWORD.findall(identifier)])
    return tuple([part for part in found if len(part) > 1 and part not in STOP_WORDS])


def terms(identifier: str) -> tuple[str, ...]:
    """The stems of an identifier, and its exact term where it has several sub-words."""
    parts = stems(identifier)
    return (*parts, exact(identifier)) if len(parts) > 1 else parts


def exact(identifier: str) -> str:
    """The exact term of an identifier: folded, so that a message's spelling finds the code's."""
    return "=" + identifier.lower().strip("_$")


def text_terms(text: str) -> Iterator[str]:
    """Every term of a text, in order, with repeats."""
    return chain.from_iterable(map(_word_terms, _words(text)))


def _words(text: str) -> list[str]:
    """Strings that hold all identifiers of a text, in order, and of most one each."""
    if text.isascii():  # several times faster than an expression
        return text.encode().translate(_BETWEEN_WORDS).decode("ascii").split()
    return IDENTIFIER.findall(text)


@lru_cache(maxsize=_REMEMBERED)
def _word_terms(word: str) -> tuple[str, ...]:
    return tuple(chain.from_iterable(map(terms, IDENTIFIER.findall(word))))


@lru_cache(maxsize=_REMEMBERED)
def term_hash(term: str) -> int:
    """The 32-bit hash that `Facts` keep of a term."""
    return crc32(term.encode("utf-8", "surrogatepass"))


_VARIANT_SUFFIX = re.compile(r"\.(test|spec|d|bench|cy|e2e|stories|types)?\.?\w+$")
_TEST_AFFIX = re.compile(r"^(test_|tests_)|(_tests?|_spec|\.spec|\.test|-test|spec|test)$")
_TEST_PATH = re.compile(
    r"(^|/)(tests?|testdata|testing|_tests|__tests__|specs?)/|(^|/)test_|_test\.|\.test\.|\.spec\.|(^|/)conftest"
)


def name_stem(path: str) -> str:
    """A file's name without extension and test affixes, folded: `tests/test_app.py` and `src/app.py` are both `app`."""
    name = path.rsplit("/", 1)[-1].lower()
    if "." in name:
        name = _VARIANT_SUFFIX.sub("", name)
    bare = _TEST_AFFIX.sub("", name)
    return bare.strip("_.-") or name


def is_test(path: str) -> bool:
    """Whether a path looks like test code, by the conventions of the common ecosystems."""
    return _TEST_PATH.search(path) is not None
