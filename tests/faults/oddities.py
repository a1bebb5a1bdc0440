"""Every field of every message a client may send, and values of every kind to put there.

The table is the protocol's, not the server's: a field that is added there belongs here, too.
"""

import copy

TEXT, FLAG, COUNT, NATURAL, URI, FOLDER, TOKEN, OBJECT, LIST, WORD, FREE = (
    "text flag count natural uri folder token object list word free".split()
)

_DOCUMENT = {"textDocument": OBJECT, "textDocument.uri": URI}
_POSITION = {"position": OBJECT, "position.line": NATURAL, "position.character": NATURAL}
_RANGE = {
    end: kind
    for side in ("start", "end")
    for end, kind in {side: OBJECT, f"{side}.line": NATURAL, f"{side}.character": NATURAL}.items()
}
_CONTEXT = {
    "query": TEXT,
    **_DOCUMENT,
    **_POSITION,
    "selection": OBJECT,
    **{f"selection.{name}": kind for name, kind in _RANGE.items()},
    "tokenBudget": COUNT,
    "maxItems": COUNT,
    "include": LIST,
    "include.0": WORD,
    "mustInclude": LIST,
    "mustInclude.0": URI,
    "exclude": LIST,
    "exclude.0": URI,
    "conversationId": TEXT,
    "preview": FLAG,
    "deadlineMs": COUNT,
    "workspaceFolder": FOLDER,
    "workDoneToken": TOKEN,
    "partialResultToken": FREE,
    "notInTheProtocol": FREE,
}
REQUESTS = {
    "magnetar/context": _CONTEXT,
    "magnetar/explain": _CONTEXT,
    "magnetar/predict": {**_DOCUMENT, "topK": COUNT, "workDoneToken": TOKEN},
    "magnetar/prefetch": {"uris": LIST, "uris.0": URI, "workDoneToken": TOKEN},
    "magnetar/search": {"query": TEXT, "limit": COUNT, "workspaceFolder": FOLDER, "workDoneToken": TOKEN},
    "magnetar/symbols": {**_DOCUMENT, "query": TEXT, "limit": COUNT, "workspaceFolder": FOLDER, "workDoneToken": TOKEN},
    "magnetar/stats": {"workspaceFolder": FOLDER, "workDoneToken": TOKEN},
    "magnetar/synchronize": {"workDoneToken": TOKEN},
    "magnetar/warm": {"workspaceFolder": FOLDER, "patterns": LIST, "patterns.0": TEXT, "workDoneToken": TOKEN},
    "magnetar/clear": {"scope": WORD, "workspaceFolder": FOLDER, "workDoneToken": TOKEN},
}
REQUIRED = {
    "magnetar/prefetch": {"uris"},
    "magnetar/search": {"query"},
    "magnetar/clear": {"scope"},
}
"""Fields for which null will not do. Those of an object or a list that is given are all required."""

_DOCUMENT_ALONE = ["textDocument", "textDocument.uri"]
_CHANGE = "contentChanges contentChanges.0 contentChanges.0.range contentChanges.0.text".split()
_FILES = "files files.0 files.0.uri".split()
NOTIFICATIONS = {
    "textDocument/didOpen": [*_DOCUMENT_ALONE, *(f"textDocument.{name}" for name in ("languageId", "version", "text"))],
    "textDocument/didChange": [
        *_DOCUMENT_ALONE, "textDocument.version", *_CHANGE, *(f"contentChanges.0.range.{name}" for name in _RANGE),
    ],
    "textDocument/didSave": _DOCUMENT_ALONE,
    "textDocument/didClose": _DOCUMENT_ALONE,
    "textDocument/didFocus": _DOCUMENT_ALONE,
    "window/didChangeActiveDocument": _DOCUMENT_ALONE,
    "workspace/didChangeWatchedFiles": "changes changes.0 changes.0.uri changes.0.type".split(),
    "workspace/didCreateFiles": _FILES,
    "workspace/didDeleteFiles": _FILES,
    "workspace/didRenameFiles": "files files.0 files.0.oldUri files.0.newUri".split(),
    "workspace/didChangeWorkspaceFolders": "event event.added event.added.0 event.added.0.uri event.removed".split(),
    "workspace/didChangeConfiguration": ["settings"],
    "window/workDoneProgress/cancel": ["token"],
    "$/cancelRequest": ["id"],
    "$/setTrace": ["value"],
}  # fmt: skip

_NESTED = [[]]
for _ in range(200):
    _NESTED = [_NESTED]

VALUES = [
    None, True, False, 0, -1, 1, 7, 1.5, -0.0, 2**31, 2**53 + 1, 2**63 - 1, 2**64 - 1, 10**30, 1e308,
    "", "depth", "file", "all", "\0", "a\nb", "ä😀\u2028", "%", "..", "x" * 100_000, "*" * 300, "[" * 300,
    "file:", "file:///", "file:///%", "file:///%00", "file:///%ff%fe/a.py", "file:///a/../../etc/passwd", "file://host/share/a.py",
    "file:///" + "a/" * 5_000, "file:///" + "n" * 5_000, "untitled:Untitled-1", "http://127.0.0.1/", "FILE:///C:/a.py", "C:\\a.py",
    [], [None], [[]], {}, {"uri": None}, {"line": 1}, {"start": {}}, _NESTED, {"a": _NESTED}, [0] * 5_000, ["a"] * 5_000,
]  # fmt: skip


_NAMES = [
    "",
    "n" * 5_000 + ".py",
    "a%00.py",
    "%ff.py",
    "a%0Ab.py",
    "..",
    "../project/./anchor.py",
    "anchor.py/b.py",
    "anchor.py",
]


def values(root):
    """All of them, and names in a folder."""
    return [*VALUES, *(f"{root}/{name}" for name in _NAMES)]


def fits(kind, value):
    """Whether the protocol lets a value of this kind stand there; None where it only may."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if kind in {COUNT, NATURAL} and whole:
        return None if value >= 2**31 else value >= (kind is COUNT)
    if kind is TOKEN and whole:
        return None if value >= 2**64 else True
    may = {TEXT: str, TOKEN: str, FLAG: bool, URI: str, FOLDER: str, WORD: str, OBJECT: dict, LIST: list, FREE: object}
    if not isinstance(value, may.get(kind, ())):
        return False
    return True if kind in {TEXT, TOKEN, FLAG, FREE} or value == [] else None


def valid(method, uri, root):
    """Params in which every field has a value that is right."""
    where = {"textDocument": {"uri": uri}}
    start, end = {"line": 0, "character": 2}, {"line": 3, "character": 0}
    folder = {"uri": f"{root}/none", "name": "none"}
    files = {"files": [{"uri": uri}]}
    more = {
        "tokenBudget": 900, "maxItems": 3, "include": ["file", "outline"], "mustInclude": [uri], "exclude": [f"{root}/no.py"],
        "conversationId": "c", "preview": False, "deadlineMs": 500, "partialResultToken": "p",
    }  # fmt: skip
    asked = {"query": "depth", "workspaceFolder": root, "workDoneToken": "t"}
    cursor = {"position": start, "selection": {"start": start, "end": end}}
    return copy.deepcopy(
        {
            "magnetar/context": {**asked, **where, **cursor, **more},
            "magnetar/explain": {**asked, **where, **cursor, **more},
            "magnetar/predict": {**where, "topK": 2, "workDoneToken": "t"},
            "magnetar/prefetch": {"uris": [uri], "workDoneToken": "t"},
            "magnetar/search": {**asked, "limit": 2},
            "magnetar/symbols": {**asked, **where, "limit": 2},
            "magnetar/stats": {"workspaceFolder": root, "workDoneToken": "t"},
            "magnetar/synchronize": {"workDoneToken": "t"},
            "magnetar/warm": {"workspaceFolder": root, "patterns": ["*.py"], "workDoneToken": "t"},
            "magnetar/clear": {"scope": "cache", "workspaceFolder": root, "workDoneToken": "t"},
            "textDocument/didOpen": {
                "textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": "a = 1\n"}
            },
            "textDocument/didChange": {
                "textDocument": {"uri": uri, "version": 2},
                "contentChanges": [{"range": {"start": start, "end": end}, "text": "b = 2\n"}],
            },
            "workspace/didChangeWatchedFiles": {"changes": [{"uri": uri, "type": 2}]},
            "workspace/didCreateFiles": files,
            "workspace/didDeleteFiles": files,
            "workspace/didRenameFiles": {"files": [{"oldUri": uri, "newUri": f"{uri}.txt"}]},
            "workspace/didChangeWorkspaceFolders": {"event": {"added": [folder], "removed": []}},
            "workspace/didChangeConfiguration": {"settings": {}},
            "window/workDoneProgress/cancel": {"token": "t"},
            "$/cancelRequest": {"id": 10**9},
            "$/setTrace": {"value": "off"},
        }.get(method, where)
    )


def put(params, path, value):
    """Puts a value at a field, which is named by the way to it."""
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    at = params
    for step in way:
        at = at[step]
    at[last] = copy.deepcopy(value)
    return params
