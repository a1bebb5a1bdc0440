"""The session: where the user was, what was edited, and where the prediction model expects the user next."""

from __future__ import annotations

from collections.abc import Sequence

from magnetar.context.sources.base import Evidence, Moment, Scores

_PREDICTED = 20
_MOST = 50
_HALVING = 4.0


class Session:
    """Files by what the user does."""

    name = "session"

    async def gather(self, moment: Moment) -> Evidence:
        """Recent, edited and predicted files, each by its place in line."""
        workspace, focus = moment.workspace, moment.focus
        here = focus.path if focus else None
        predicted: Scores = {}
        if focus is not None:
            root = workspace.root
            predicted = {
                one.path.relative_to(root).as_posix(): one.probability
                for one in workspace.predict(focus.path, _PREDICTED)
            }
        return Evidence(
            columns={
                "recent": _by_place(workspace.recent(), here),
                "edited": _by_place(workspace.edited(), here),
                "predicted": predicted,
            }
        )


def _by_place(paths: Sequence[str], focus: str | None) -> Scores:
    others = [path for path in paths[:_MOST] if path != focus]
    return {path: 1 / (1 + place / _HALVING) for place, path in enumerate(others)}
