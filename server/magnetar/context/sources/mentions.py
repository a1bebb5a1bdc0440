"""Mentions: files whose name or path the query spells."""

from __future__ import annotations

from magnetar.context.question import Question
from magnetar.context.sources.base import Evidence, Moment

_MOST = 60
_BY_NAME = 1.0
_BY_STEM = 0.6


class Mentions:
    """Files that the query names."""

    name = "mentions"

    async def gather(self, moment: Moment) -> Evidence:
        """Files spelled with their suffix or path score highest, bare stems less."""
        stems = moment.question.file_stems
        found = await moment.workspace.named(stems)
        paths = [path for stem in stems for path in found.get(stem, ())]
        scores = {path: _mention(moment.question, path) for path in dict.fromkeys(paths)}
        ranked = sorted(scores, key=lambda path: (-scores[path], path))[:_MOST]
        return Evidence(columns={"base": {path: scores[path] for path in ranked}})


def _mention(question: Question, path: str) -> float:
    folded = path.lower()
    spelled = any(folded == name or folded.endswith("/" + name) for name in question.spelled_paths)
    return _BY_NAME if spelled else _BY_STEM
