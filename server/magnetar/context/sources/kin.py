"""Paths: files called alike, such as a test and its subject, or a header and its source."""

from __future__ import annotations

from magnetar.context.sources.base import Document, Evidence, Moment
from magnetar.symbols.terms import name_stem

_MOST = 30


class Kin:
    """Files by their names."""

    name = "path"

    async def relate(self, moment: Moment, document: Document) -> Evidence:
        """Proposes the files of the same name stem; how alike names are is worked out for every candidate alike."""
        stem = name_stem(document.path)
        found = (await moment.workspace.named([stem])).get(stem, ())
        return Evidence(proposed=dict.fromkeys([path for path in found if path != document.path][:_MOST], 1.0))
