"""Files and their outlines as resources, through the same gate and with the same freshness as everything else.

Reading one is an access of the reader's: whoever opens a file is likely to work on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote, unquote

import mcp_types as types

from magnetar.context.service import Service
from magnetar.errors import NotFound
from magnetar.mcp.answers import outline_text
from magnetar.mcp.progress import unheard
from magnetar.mcp.requests import Requests
from magnetar.mcp.roots import Roots
from magnetar.symbols.wording import Wording
from magnetar.workspace.documents import Source

_SCHEME = "magnetar://"
_PAGE = 200
_MOST_COMPLETIONS = 100
"""The protocol's own limit."""


def _text(_name: str, source: Source) -> str:
    return "".join(source.lines)


def _outline(name: str, source: Source) -> str:
    wording = Wording(source.lines, source.facts.language)
    symbols = [(declared.symbol, wording.signature(declared)) for declared in source.facts.declarations]
    return outline_text(name, symbols, source.facts.line_count)


_KINDS: Mapping[str, tuple[str, str, Callable[[str, Source], str]]] = {
    "file": (
        "text/plain",
        "A file of the workspace, whole, as it is on disk now; lines with a secret are blank.",
        _text,
    ),
    "outline": (
        "text/markdown",
        "The symbols that a file of the workspace defines, with their line numbers.",
        _outline,
    ),
}


class Resources:
    """What one client may read."""

    def __init__(self, service: Service, roots: Roots, requests: Requests) -> None:
        self._service = service
        self._roots = roots
        self._requests = requests

    @staticmethod
    def templates() -> types.ListResourceTemplatesResult:
        """How a client makes a resource's URI from a path."""
        return types.ListResourceTemplatesResult(
            resource_templates=[
                types.ResourceTemplate(
                    name=kind, uri_template=f"{_SCHEME}{kind}/{{+path}}", mime_type=mime_type, description=description
                )
                for kind, (mime_type, description, _) in _KINDS.items()
            ]
        )

    async def page(self, cursor: str | None) -> types.ListResourcesResult:
        """Some files of the workspace, once it is read; `cursor` is the last one of the page before."""
        for root in self._roots.places.roots:
            await self._requests.warmed(root, unheard)
        names = sorted(name for name in await self._names() if cursor is None or name > cursor)
        return types.ListResourcesResult(
            resources=[
                types.Resource(name=name, uri=f"{_SCHEME}file/{quote(name)}", mime_type=_KINDS["file"][0])
                for name in names[:_PAGE]
            ],
            next_cursor=names[_PAGE - 1] if len(names) > _PAGE else None,
        )

    async def completions(self, typed: str) -> types.Completion:
        """Names of files for what was typed of a path: those that begin with it, then those that hold it."""
        wanted = typed.casefold()
        names = sorted(
            (name for name in await self._names() if wanted in name.casefold()),
            key=lambda name: (not name.casefold().startswith(wanted), name),
        )
        more = len(names) > _MOST_COMPLETIONS
        return types.Completion(values=names[:_MOST_COMPLETIONS], total=len(names), has_more=more)

    async def read(self, uri: str) -> types.ReadResourceResult:
        """One resource.

        Raises:
            NotFound: There is no such resource.
            RequestError: The file can't be served; the text says why.
        """
        kind, _, rest = uri.removeprefix(_SCHEME).partition("/")
        if kind not in _KINDS or not rest or not uri.startswith(_SCHEME):
            forms = " and ".join(f"{_SCHEME}{kind}/PATH" for kind in _KINDS)
            raise NotFound(f"{uri}: there is no such resource. Resources are {forms}, with a path in the workspace.")
        mime_type, _, render = _KINDS[kind]
        path, source = await self._requests.read(unquote(rest))
        self._service.visited(path)
        text = render(self._roots.places.name(path), source)
        return types.ReadResourceResult(contents=[types.TextResourceContents(uri=uri, mime_type=mime_type, text=text)])

    async def _names(self) -> list[str]:
        places = self._roots.places
        return [places.name(path) for root in places.roots for path in await self._service.files(root)]
