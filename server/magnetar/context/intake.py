"""Taking a request in: its targets as paths of the workspace, and those that can't be served set aside with the reason."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from magnetar.context.inside import relative_path
from magnetar.context.knowledge import Knowledge
from magnetar.errors import OutsideWorkspace
from magnetar.model import ContextRequest, Dropped, DropReason, Target


@frozen
class Intake:
    """The documents that a request names."""

    focus: str | None
    """What the user is in, where that can be served or at least read."""
    wanted: tuple[str, ...]
    """Documents that must be included and can be."""
    excluded: frozenset[str]
    """Documents that must not be served; they may still say what matters."""
    refused: tuple[Dropped, ...]
    """What was named and is not served."""


def take_in(workspace: Knowledge, request: ContextRequest) -> Intake:
    """Resolves what a request names.

    Raises:
        OutsideWorkspace: The document that the request is about lies outside the folder.
    """
    refused: list[Dropped] = []
    focus = workspace.focused_document
    if request.document is not None:
        focus = None
        path = request.document.path
        if path is not None and relative_path(workspace.root, path) is None:
            raise OutsideWorkspace(f"{path} lies outside the workspace folder {workspace.root}.")
        focus = next(iter(_servable(workspace, [request.document], refused)), None)
    excluded = {
        relative
        for target in request.exclude
        if target.path is not None and (relative := relative_path(workspace.root, target.path)) is not None
    }
    wanted = [path for path in _servable(workspace, request.must_include, refused) if path not in excluded]
    refused += [Dropped(target, DropReason.EXCLUDED, 0.0) for target in request.exclude]
    once = {one.target.uri: one for one in reversed(refused)}
    return Intake(focus, tuple(dict.fromkeys(wanted)), frozenset(excluded), tuple(reversed(once.values())))


def _servable(workspace: Knowledge, targets: Iterable[Target], refused: list[Dropped]) -> list[str]:
    """The targets that can be served; the others are added to `refused`."""
    found: list[str] = []
    for target in targets:
        if target.path is None:
            refused.append(Dropped(target, DropReason.UNREADABLE, 0.0))
            continue
        relative = relative_path(workspace.root, target.path)
        if relative is None:
            refused.append(Dropped(target, DropReason.OUTSIDE_WORKSPACE, 0.0))
            continue
        reason = workspace.refusal(workspace.root / relative)
        if reason is None:
            found.append(relative)
        else:
            refused.append(Dropped(target, reason, 0.0))
    return found
