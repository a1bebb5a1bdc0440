"""What full language tooling says a name means: jedi for Python, typescript-language-server for TypeScript.

They are the oracles of `cursor.py`. Jedi comes with the dependency group `evals`; the TypeScript one is fetched by npm into
its own cache on first use. Neither sees the packages a repository depends on, so names from those have no definition.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from attrs import frozen
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from magnetar.lsp.convert import path_of

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
_TYPESCRIPT = ("typescript-language-server@5.1.3", "typescript@5.9.3")
_SECONDS = 120.0


@frozen
class Use:
    """A name that stands in a document."""

    name: str
    line: int
    column: int


@frozen
class Definition:
    """Where a name is defined; the path is relative to the folder, the line counts from zero."""

    name: str
    path: str
    line: int


def uses(lines: Sequence[str], start: int, end: int) -> Iterator[Use]:
    """Every identifier in some lines; words in strings and comments among them, which mean nothing to an oracle."""
    for line in range(start, end):
        for match in _IDENTIFIER.finditer(lines[line]):
            yield Use(match[0], line, match.start())


class Jedi:
    """Definitions of Python names."""

    def __init__(self, root: Path) -> None:
        import jedi

        self._root = root
        self._jedi = jedi
        self._project = jedi.Project(root, sys_path=[str(root), str(root / "src")], smart_sys_path=False)

    async def definitions(self, path: str, uses_: Sequence[Use]) -> list[Definition]:
        """What the uses in one document mean, as far as it is defined in the folder by anything but a parameter."""
        script = self._jedi.Script(path=self._root / path, project=self._project)
        found: list[Definition] = []
        for use in uses_:
            for name in script.goto(use.line + 1, use.column, follow_imports=True):
                place = name.module_path
                if name.type in ("module", "namespace", "param") or place is None or name.line is None:
                    continue
                if place.is_relative_to(self._root):
                    found.append(Definition(use.name, place.relative_to(self._root).as_posix(), name.line - 1))
        return found


class TypeScript:
    """Definitions of TypeScript names."""

    def __init__(self, root: Path, client: LanguageClient) -> None:
        self._root = root
        self._client = client
        self._opened: set[str] = set()

    @classmethod
    @asynccontextmanager
    async def started(cls, root: Path) -> Any:
        """A server over the folder, ended at the end."""
        client = LanguageClient("magnetar-evals", "1")
        packages = [argument for package in _TYPESCRIPT for argument in ("--package", package)]
        await client.start_io("npm", "exec", "--yes", *packages, "--", "typescript-language-server", "--stdio")
        try:
            folder = lsp.WorkspaceFolder(root.as_uri(), root.name)
            capabilities = lsp.ClientCapabilities()
            await client.initialize_async(
                lsp.InitializeParams(
                    capabilities,
                    root_uri=root.as_uri(),
                    workspace_folders=[folder],
                    # Else a second server, which sees single files only, answers while the project is being loaded.
                    initialization_options={"tsserver": {"useSyntaxServer": "never"}},
                )
            )
            client.initialized(lsp.InitializedParams())
            yield cls(root, client)
            await client.shutdown_async(None)
            client.exit(None)
        finally:
            await client.stop()

    async def definitions(self, path: str, uses_: Sequence[Use]) -> list[Definition]:
        """What the uses in one document mean, as far as it is defined in the folder."""
        uri = (self._root / path).as_uri()
        if path not in self._opened:
            self._opened.add(path)
            language = "typescriptreact" if path.endswith("x") else "typescript"
            document = lsp.TextDocumentItem(uri, language, 1, (self._root / path).read_text())
            self._client.text_document_did_open(lsp.DidOpenTextDocumentParams(document))
        found: list[Definition] = []
        for use in uses_:
            params = lsp.DefinitionParams(lsp.TextDocumentIdentifier(uri), lsp.Position(use.line, use.column))
            answer = await asyncio.wait_for(self._client.text_document_definition_async(params), _SECONDS)
            for place in answer if isinstance(answer, Sequence) else [answer] if answer else []:
                target = place.target_uri if isinstance(place, lsp.LocationLink) else place.uri
                span = place.target_selection_range if isinstance(place, lsp.LocationLink) else place.range
                file = path_of(target)
                if file is not None and file.is_relative_to(self._root) and "node_modules" not in file.parts:
                    found.append(Definition(use.name, file.relative_to(self._root).as_posix(), span.start.line))
        return found
