"""The cursor: files that define what the code under it uses."""

from __future__ import annotations

from magnetar.context.sources.base import Evidence, Moment


class Cursor:
    """Files by the names that are needed of them."""

    name = "cursor"

    async def gather(self, moment: Moment) -> Evidence:
        """Scores every file by how many needed names it defines, up to a few."""
        return Evidence(
            columns={
                "near": {path: min(sum(names.values()), 3.0) / 3.0 for path, names in moment.needed.defined.items()}
            }
        )
