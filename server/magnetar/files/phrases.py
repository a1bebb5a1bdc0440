"""Secrets that their place gives away: in command lines, connection strings, queries, headers, SQL, pairs and prose.

Here names and values do not stand beside one another as in an assignment, or nothing sets the value off from the words
around it. The looser the place, the more a value must look made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from magnetar.files.assignments import PLACEHOLDER, entropy, is_prose, looks_made_up, looks_secret, names_secret, shown

_HEADER = re.compile(
    rb"authorization\\?[\"']?[ \t]{0,4}[:=,>( ][ \t]{0,4}\\?[\"'`]?(?:bearer|basic|token|apikey)[ ](?P<value>[^\s\"'`\\$<{]{16,2000})"
)
_ELEMENT = re.compile(rb"=\"(?P<name>[^\"\n]{1,80})\"[ \t]{1,4}value=\"(?P<value>[^\"\s]{8,512})\"")
_PROPERTY = re.compile(rb"<key>(?P<name>[^<\n]{3,80})</key>\s{0,40}<string>(?P<value>[^<\s]{8,512})</string>")
_VALUE = re.compile(rb"value\\?[\"']?[ \t]{0,4}[:=][ \t]{0,4}\\?(?P<quote>[\"'])?(?P<value>[^\s\"'`,{}\\]{8,512})")
_BEFORE_VALUE = re.compile(
    rb"(?:name|key)\\?[\"']?[ \t]{0,4}[:=][ \t]{0,4}\\?[\"']?(?P<name>[\w.-]{3,80})\\?[\"']?,?\s{0,60}\\?[\"']?$"
)
_PAIR_LENGTH = 180

_CONNECTION = re.compile(rb"(?:password|passwd|pwd)[ ]?=[ ]?(?P<value>[^\s\"'`;&,]{6,128})(?=[;&\"'`\s\\])")
_QUERIES = tuple(
    re.compile(
        mark + rb"[\w-]{0,20}(?:token|key|secret|sig|signature|password|passwd|pwd|auth)=(?P<value>[\w%.~+/=-]{16,512})"
    )
    for mark in (rb"\?", rb"&")
)
_STATEMENTS = tuple(
    re.compile(words + rb"[ ]{1,2}(?P<quote>[\"'])(?P<value>[^\s\"'`]{6,128})(?P=quote)")
    for words in (rb"identified by", rb"securestring")
)

_OPTION = re.compile(rb"[ ]-[paw] ?\\?[\"']?(?P<value>[^\s\"'`\\;|&<>$]{8,128})")
_TAKES_PASSWORD = re.compile(
    rb"\b(?:sshpass|docker|podman|helm|skopeo|mysql\w*|mariadb\w*|mongo\w*|redis-cli|ldap\w+|az|psql)\b"
)
_USERS = tuple(
    re.compile(option + rb"\\?[\"']?[\w.@-]{1,64}:(?P<value>[^\s\"'`\\;|&<>$]{6,128})")
    for option in (rb" -u ?", rb"--user[ =]")
)
_PIPED = re.compile(rb"echo (?:-n )?\\?[\"']?(?P<value>[^\s\"'`\\|$]{6,128})\\?[\"']? ?\|[^\n|]{0,160}password-stdin")
_LOGIN = re.compile(rb"login[ ]\S{1,64}\s{1,4}password[ ](?P<value>\S{6,128})")
_PASS_FILE = re.compile(
    rb"^[\w.*-]{1,100}:(?:\d{2,5}|\*):[\w.*-]{1,64}:[\w.*-]{1,64}:(?P<value>[^\s:]{8,128})$", re.MULTILINE
)
_CELL = re.compile(
    rb"^[ \t]*\"[!%][^\n]{0,200}?[ -](?P<name>\w{0,40}(?:password|token|secret|key))[ =](?P<value>[^\s\"'`\\]{8,512})",
    re.MULTILINE,
)
_TOLD = re.compile(
    rb"(?P<name>password|passphrase|passwd|pwd|pass|secret|token|api key)(?: is:?[ ]|:[ ]|=)[ ]?[*`\"']{0,3}(?P<value>[^\s`\"'*<>(){}\[\],;]{8,128})"
)

_ANYWHERE = (_CONNECTION, *_USERS, *_QUERIES, _PIPED, _LOGIN)


def is_notebook(path: str) -> bool:
    """Whether a file of that name holds cells, which may be commands, as strings."""
    return path.lower().endswith(".ipynb")


def phrase_places(data: bytes, path: str) -> Iterator[tuple[int, int]]:
    """Where such secrets stand, as [start, end) of the bytes, in no order.

    Args:
        data: The text, in UTF-8.
        path: Its name tells prose and notebooks from other texts.
    """
    low = data.lower()
    yield from _named_places(data, low)
    loose = [match for shape in _ANYWHERE for match in shape.finditer(low)]
    loose += [
        match for match in _OPTION.finditer(low) if _TAKES_PASSWORD.search(low, _line_start(low, match), match.start())
    ]
    if is_prose(path):
        loose += [match for shape in (_TOLD, _PASS_FILE) for match in shape.finditer(low)]
    if is_notebook(path):
        loose += _CELL.finditer(low)
    for match in loose:
        if looks_made_up(shown(data, match)):
            yield match.span()
    for match in (found for shape in _STATEMENTS for found in shape.finditer(low)):
        if looks_secret(shown(data, match), quoted=True):
            yield match.span()
    for match in _HEADER.finditer(low):
        value = shown(data, match)
        if entropy(value) > 3 and not PLACEHOLDER.search(value.lower()):
            yield match.span()


def _named_places(data: bytes, low: bytes) -> Iterator[tuple[int, int]]:
    """Pairs of a name and a value, in XML, property lists, JSON and YAML."""
    for match in (*_ELEMENT.finditer(low), *_PROPERTY.finditer(low)):
        if names_secret(shown(data, match, "name")) and looks_secret(shown(data, match), quoted=True):
            yield match.span()
    for match in _VALUE.finditer(low):
        before = _BEFORE_VALUE.search(low, max(0, match.start() - _PAIR_LENGTH), match.start())
        if before is None or not names_secret(shown(data, before, "name")):
            continue
        if looks_secret(shown(data, match), quoted=match["quote"] is not None):
            yield match.span()


def _line_start(data: bytes, match: re.Match[bytes]) -> int:
    return max(data.rfind(b"\n", 0, match.start()) + 1, match.start() - 200)
