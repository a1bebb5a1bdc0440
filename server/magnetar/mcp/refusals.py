"""Why something can't be served, in words that tell a model what to do about it; never a file's contents."""

from __future__ import annotations

from collections.abc import Mapping

from magnetar.errors import MagnetarError, NoWorkspace, OutsideWorkspace
from magnetar.model import DropReason

REASONS: Mapping[DropReason, str] = {
    DropReason.BUDGET: "there was no room for it",
    DropReason.EXCLUDED: "it was excluded by this request",
    DropReason.IGNORED: "the project's ignore rules leave it out",
    DropReason.SECRET: "files that may hold secrets are never served; do without it",
    DropReason.BINARY: "it is not text",
    DropReason.TOO_LARGE: "it is larger than what magnetar reads",
    DropReason.UNREADABLE: "it can't be read",
    DropReason.OUTSIDE_WORKSPACE: "it lies outside the workspace, where nothing is served",
    DropReason.MISSING: "there is no such file; magnetar_search and magnetar_symbols find names that exist",
}


def told(error: MagnetarError) -> str:
    """An error as a model should read it, without the half characters that no message can carry."""
    text = str(error)
    if isinstance(error, OutsideWorkspace):
        text = "This lies outside the workspace. Name a file inside it, relative to its folder."
    if isinstance(error, NoWorkspace):
        text += " Ask the user to start magnetar with the project's folder: magnetar mcp PATH."
    return text.encode("utf-8", "replace").decode()
