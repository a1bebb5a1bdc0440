"""Imports, both ways: what a document imports, what imports it, and what imports the same."""

from __future__ import annotations

from magnetar.context.sources.base import Document, Evidence, Moment
from magnetar.workspace.imports import import_keys, imports_file, module_keys, resolve

_MOST_IMPORTERS = 120
_DAMPING = 10.0


class Imports:
    """Files by who imports whom."""

    name = "imports"

    async def relate(self, moment: Moment, document: Document) -> Evidence:
        """Files that the document imports score 1; its importers score less the more there are."""
        workspace, path = moment.workspace, document.path
        imports = document.facts.imports
        modules = await workspace.modules(import_keys(path, imports))
        imported = resolve(path, imports, modules)
        named = await workspace.importers(module_keys(path))
        suspects = sorted({other for paths in named.values() for other in paths} - {path})[:_MOST_IMPORTERS]
        facts = await workspace.facts(suspects)
        importers = [other for other in suspects if other in facts and imports_file(other, facts[other].imports, path)]
        share = 1 / (1 + len(importers) / _DAMPING)
        return Evidence(columns={"imp": dict.fromkeys(imported, 1.0), "rimp": dict.fromkeys(importers, share)})
