"""What a client says of itself in `initialize`, read leniently: one with an odd capability is still a client."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from magnetar.lsp.convert import MalformedUri, path_of
from magnetar.lsp.fields import Fields, integer
from magnetar.lsp.messages import DID_FOCUS
from magnetar.model import Target


@frozen
class ClientFeatures:
    """The client's capabilities that change what the server does."""

    position_encodings: tuple[str, ...]
    work_done_progress: bool
    configuration: bool
    dynamic_configuration: bool
    focus: bool

    @classmethod
    def of(cls, capabilities: Any) -> ClientFeatures:
        """From `capabilities`, whatever shape it has."""
        offered = _dig(capabilities, "general", "positionEncodings")
        return cls(
            position_encodings=tuple(map(str, offered)) if isinstance(offered, list) else (),
            work_done_progress=_dig(capabilities, "window", "workDoneProgress") is True,
            configuration=_dig(capabilities, "workspace", "configuration") is True,
            dynamic_configuration=_dig(capabilities, "workspace", "didChangeConfiguration", "dynamicRegistration")
            is True,
            focus=_dig(capabilities, "experimental", DID_FOCUS, "supported") is True,
        )


@frozen
class InitializeParams:
    """`initialize`."""

    process_id: int | None
    folders: tuple[Path, ...]
    features: ClientFeatures
    options: Any
    """`initializationOptions`, unread."""

    @classmethod
    def read(cls, raw: Any) -> InitializeParams:
        """From the wire."""
        fields = Fields.of(raw)
        return cls(
            process_id=fields.optional("processId", integer(1)),
            folders=_folders(fields),
            features=ClientFeatures.of(fields.values.get("capabilities")),
            options=fields.values.get("initializationOptions"),
        )


def local_paths(targets: Iterable[Target]) -> tuple[Path, ...]:
    """Those of the targets that are files or folders."""
    return tuple(target.path for target in targets if target.path is not None)


def _dig(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _folders(fields: Fields) -> tuple[Path, ...]:
    """`workspaceFolders`, else `rootUri`, else `rootPath`; what is no local directory is left out."""
    folders = fields.values.get("workspaceFolders")
    if isinstance(folders, list):
        uris = [_dig(folder, "uri") for folder in folders]
    elif fields.values.get("rootUri") is not None:
        uris = [fields.values["rootUri"]]
    else:
        root = fields.values.get("rootPath")
        if not isinstance(root, str) or "\0" in root or not Path(root).is_absolute():
            return ()
        return (Path(root),)
    return local_paths(Target(uri, _path(uri)) for uri in uris if isinstance(uri, str))


def _path(uri: str) -> Path | None:
    try:
        return path_of(uri)
    except MalformedUri:
        return None
