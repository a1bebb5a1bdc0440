"""Secrets that only their name gives away: `password = "…"`, `api_key: …`, in code, settings and notebooks.

What is assigned must look like something a machine or a careful person made up. Words, references, placeholders, paths,
hashes of named things and short test values are left to be read.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise

from magnetar.files.tokens import named_shapes

_NAME = rb"(?:p(?:ass|wd|sw)|pw|secret|token|key|credential|creds)[\w.-]{0,40}"
_ASSIGNED = rb"(?:\\?[\"'`])?(?:\[\d*\]|\])?[ \t]{0,12}(?::[ \t]{0,4}&?(?:'static )?[\w.\[\]|]{1,30}(?: \| \w{1,20})?[ \t]{0,4}=|\*?[\w.\[\]]{1,20}[ \t]{1,4}=|:=|=>|={1,3}|!==?|:|\(|,|>|(?P<beside>[ \t])(?=[ \t]{0,2}[\"'`]))"
_QUOTED = rb"[ \t]{0,12}[a-z@]{0,2}\\?(?P<quote>[\"'`]){1,3}(?P<value>[^\s\"'`\\]{6,512})\\?(?P=quote)"
_PLAIN = rb"[ \t]{0,12}(?P<value>[^\s\"'`,;<>(){}\[\]\\|]{8,512})"
_QUOTED_ASSIGNMENT = re.compile(_NAME + _ASSIGNED + _QUOTED)
_PLAIN_ASSIGNMENT = re.compile(_NAME + _ASSIGNED + _PLAIN)
_SPACED = re.compile(rb"(?:pass(?:word|wd|phrase)?|secret|token|key)[ ]" + _PLAIN)
_BEFORE_SPACED = re.compile(rb"(?:--?|\b(?:env|arg|set|setx) (?:-\w+ )?|(?:^|\n)[ \t]*)[\w-]{0,40}$")

_CODE = re.compile(
    r"\.(?:py|pyi|pyx|js|jsx|mjs|cjs|ts|tsx|mts|cts|vue|svelte|go|rs|java|kt|kts|scala|swift|c|h|cc|cpp|cxx|hpp|hh|m|mm|cs|fs|vb"
    r"|rb|php|pl|pm|lua|dart|ex|exs|erl|hs|clj|cljs|ml|mli|nim|zig|jl|r|sql|proto|graphql|css|scss|less|html|htm|md|rst|txt|adoc|tf|hcl"
    r"|gradle|groovy|json|jsonc|ipynb|lock|sum|po|svg|csv|tsv)$",
    re.IGNORECASE,
)
"""Files in which a value that is no reference stands in quotes."""

_PROSE = re.compile(r"\.(?:md|rst|txt|adoc|html?)$", re.IGNORECASE)
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET_PARTS = frozenset(
    "password passwords passwd passphrase passcode pass pwd psw pw secret secrets token credential credentials creds apikey "
    "secretkey accesskey privatekey authkey authtoken apitoken accesstoken dbpassword clientsecret requirepass storepass keypass".split()
)
_SECRET_ENDS = ("password", "passwd", "passphrase", "secret", "apikey")
_KEY_OWNERS = frozenset(
    "api access auth private priv account service client master signing sign encryption encrypt storage shared secret license "
    "webhook deploy preshared app application consumer aes hmac jwt session cookie admin db database server subscription crypt cipher".split()
)
_HARMLESS_PARTS = frozenset(
    "public id ids info type url uri endpoint path file filename dir name names header prefix suffix regex regexp pattern format length "
    "len size count expiry expires expiration ttl algorithm alg version hash hashed digest sha sha1 sha256 md5 checksum integrity "
    "fingerprint etag commit revision label placeholder hint message error errors field column param policy rules strength "
    "validator reset forgot address mint contract symbol kind index pos position start end class css selector locator icon help "
    "title text description tokenizer sort primary foreign cache row partition translation i18n".split()
)
_TEMPLATE = re.compile(
    r"^\$\w+$|\$\(|\$\{|#\{|\{\{|<%|%\(\w*\)|^\{.*\}$|^<.*>$|^%\w+%?$|\{\w*\}|^\[.*\]$|^\$(?:2[aby]|argon2|6|5|1)\w*\$|\*{3}|\.{3}|…|•|\w\(|\(\?"
)
PLACEHOLDER = re.compile(
    r"change.?(?:me|this|it)|example|placeholder|dummy|sample|your[-_. ]?|replace|insert|redacted|removed|masked|x{4,}|todo|fixme"
    r"|not[-_]?(?:a[-_]?)?real|fake|mock|lorem|foobar|my[-_]?(?:secret|password|token|key|api)|(?:secret|password|token|api[-_]?key)[-_]?here"
    r"|(?:test|demo|dev|local|default)[-_]?(?:secret|password|passwd|pass|token|key|api|user)|not[-_]?secret|1234567|abcdef(?!\d)|qwerty"
)
_REFERENCE = re.compile(r"[A-Za-z_][A-Za-z_.]*(?:->|::)?[\w.]*$")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_LOCATION = re.compile(
    r"(?i)[a-z][a-z0-9+.-]*://|[a-z]:\\|~?\.{0,2}/(?=[\w.-]+/)|arn:|projects/|sha\d+[-:]|md5[-:]|vault:|ref\+|op:|data:"
)
_FILE = re.compile(
    r"(?i)\.(?:pem|key|json|ya?ml|toml|txt|py|js|ts|go|rs|java|html?|css|crt|p12|cfg|ini|conf|xml|md|log|com|org|net|io|dev)$"
)
_SYMBOLS = frozenset("!@#$%^&*+=?~")


@lru_cache(maxsize=16_384)
def is_code(path: str) -> bool:
    """Whether values stand in quotes in a file of that name; elsewhere they may stand bare."""
    return _CODE.search(path) is not None


def is_prose(path: str) -> bool:
    """Whether a file of that name is written for people, with whatever they show of commands and settings."""
    return _PROSE.search(path) is not None


def assignment_places(data: bytes, path: str) -> Iterator[tuple[int, int]]:
    """Where secrets are assigned, as [start, end) of the bytes, in no order.

    Args:
        data: The text, in UTF-8.
        path: Its name tells whether values stand in quotes.
    """
    low = data.lower()
    for match in _QUOTED_ASSIGNMENT.finditer(low):
        if _is_secret_assignment(data, match, looks_made_up if match["beside"] else _looks_secret_in_quotes):
            yield match.span()
    bare = not is_code(path)
    if bare or is_prose(path):
        for match in _PLAIN_ASSIGNMENT.finditer(low):
            if _is_secret_assignment(data, match, _looks_secret_without if bare else looks_made_up):
                yield match.span()
    if bare:
        for match in _SPACED.finditer(low):
            is_option = _BEFORE_SPACED.search(low, max(0, match.start() - 60), match.start()) is not None
            if is_option and _is_secret_assignment(data, match, _looks_secret_without):
                yield match.span()


def _is_secret_assignment(data: bytes, match: re.Match[bytes], judge: Callable[[str], bool]) -> bool:
    begin, name = _identifier(data, match.start(), match.start("value"))
    if _is_within_name(data, begin, match.start("value")):
        return False
    if names_secret(name) and judge(shown(data, match)):
        return True
    whole = data[begin : match.end()].decode("utf-8", "replace")
    return any(len(set(found.group())) > 9 for shape in named_shapes() if (found := shape.search(whole)))


def _is_within_name(data: bytes, begin: int, value: int) -> bool:
    """Whether a name and its value are parts of one longer name, as in `arn:…:secret:name-a1B2c3`."""
    return data[value - 1 : value] == b":" and data[begin - 1 : begin] == b":" and data[begin - 2 : begin] != b"::"


def looks_secret(value: str, *, quoted: bool) -> bool:
    """Whether a value that is called a secret looks like one."""
    kinds = (any(c.islower() for c in value), any(c.isupper() for c in value), any(c.isdigit() for c in value))
    symbols = any(c in _SYMBOLS for c in value)
    if len(value) < 8 and sum(kinds) + symbols < 4:
        return False
    if _TEMPLATE.search(value) or _UUID.fullmatch(value) or _LOCATION.match(value) or _FILE.search(value):
        return False
    if _is_placeholder(value) or _is_wordy(value) or not any(c.isalpha() for c in value):
        return False
    if not quoted and _REFERENCE.fullmatch(value) and not kinds[2]:
        return False
    return (kinds[2] or symbols or len(value) >= 20) and entropy(value) >= (2.5 if len(value) < 16 else 3.0)


def _looks_secret_in_quotes(value: str) -> bool:
    return looks_secret(value, quoted=True)


def _looks_secret_without(value: str) -> bool:
    return looks_secret(value, quoted=False)


def looks_made_up(value: str) -> bool:
    """Whether a value looks like a secret even where nothing tells it from a word or an expression of a program."""
    if any(bracket in value for bracket in "()[]{}<>") or not looks_secret(value, quoted=True):
        return False
    classes = [_class_of(letter) for letter in value]
    changes = sum(one != other for one, other in pairwise(classes))
    return len(set(classes)) >= 3 and changes >= 0.3 * (len(value) - 1)


def _class_of(letter: str) -> int:
    return 0 if letter.islower() else 1 if letter.isupper() else 2 if letter.isdigit() else 3


def shown(data: bytes, match: re.Match[bytes], group: str = "value") -> str:
    """What a group of a match of the text in lower case is in the text itself."""
    return data[match.start(group) : match.end(group)].decode("utf-8", "replace")


def _identifier(data: bytes, start: int, end: int) -> tuple[int, str]:
    """The name around a keyword, from the first byte of its word on, and where it begins."""
    begin = start
    while begin > 0 and start - begin < 60 and (data[begin - 1 : begin].isalnum() or data[begin - 1] in b"_-."):
        begin -= 1
    word = re.match(rb"[\w.-]+", data[begin:end])
    return begin, word.group().decode("ascii", "replace") if word else ""


def names_secret(name: str) -> bool:
    """Whether what is called so is a secret, rather than something about one."""
    parts = [part.lower() for part in _PARTS.findall(name)]
    for at, part in enumerate(parts):
        owned = part in {"key", "keys"} and at > 0 and parts[at - 1] in _KEY_OWNERS
        if owned or part in _SECRET_PARTS or part.endswith(_SECRET_ENDS):
            return not _HARMLESS_PARTS.intersection(parts[at + 1 :])
    return False


def _is_placeholder(value: str) -> bool:
    from detect_secrets.filters.heuristic import is_sequential_string

    return len(set(value)) < 5 or bool(PLACEHOLDER.search(value.lower())) or is_sequential_string(value)


def _is_wordy(value: str) -> bool:
    """Whether it is made of words, each perhaps with a short number: `my-secret-name`, `refresh_token2`, `someCamelCase`."""
    pieces = [piece for piece in re.split(r"[-_./:@+=,!?&#]+", value) if piece]
    if not all(re.fullmatch(r"[A-Za-z]*\d{0,4}", piece) for piece in pieces):
        return False
    words = [word for piece in pieces for word in _PARTS.findall(piece)]
    letters = sum(len(word) for word in words if word.isalpha())
    return letters >= 3 * len(words)


def entropy(value: str) -> float:
    """Shannon's, in bits per character."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())
