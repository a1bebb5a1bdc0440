"""A model as a file: versioned JSON, put in place in one step, believed only after every part was checked.

The file mirrors the classes of the model, field by field; what follows from other parts (fields that no constructor
takes) is not stored but built anew. Pickles are refused by name, since loading one would run it.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from functools import lru_cache
from math import isfinite
from pathlib import Path
from types import UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin

from attrs import Attribute, fields, frozen, has, resolve_types

from magnetar.errors import ModelFileError, OutdatedModelFile
from magnetar.prediction.context import Context

_FORMAT: Final = "magnetar prediction model"
_VERSION: Final = 1
"""Raised whenever a field or a feature changes its meaning."""
_PICKLE: Final = b"\x80"
"""How every pickle since protocol 2 starts."""

_SCALARS: Final = (int, float, bool, str, None)
_SIGNED: Final = ("at", "weights")
"""Numbers that may be less than zero: a time of some clock, what a feature is worth."""
_Type = TypeVar("_Type")


@frozen
class _File:
    format: str
    version: int
    contexts: dict[str | None, Context]


class _Malformed(ValueError):
    """A part of the file is not what it has to be."""


def snapshot(contexts: dict[str | None, Context]) -> Any:
    """A copy of a model as JSON has it, which later learning does not change."""
    return _plain(_File, _File(_FORMAT, _VERSION, contexts))


def save(document: Any, path: Path) -> None:
    """Writes a snapshot.

    Raises:
        ModelFileError: It cannot be written; a file that was there is still whole.
    """
    text = json.dumps(document, separators=(",", ":"))
    try:
        _replace(path, text.encode("ascii"))
    except OSError as error:
        raise ModelFileError(f"The prediction model cannot be written to {path}: {error.strerror}.") from error


def load(path: Path) -> dict[str | None, Context]:
    """Reads a model.

    Raises:
        OutdatedModelFile: It is a model of an older version.
        ModelFileError: It cannot be read, or is not a model of this version.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"The prediction model {path} cannot be read: {error.strerror}.") from error
    if content.startswith(_PICKLE):
        raise ModelFileError(f"{path} is a pickle; loading one would run its code, so it is refused.")
    try:
        document = json.loads(content)
        if _check_version(document) < _VERSION:
            raise OutdatedModelFile(f"The prediction model {path} is of an older version; it has to be learned anew.")
        file: _File = _typed(_File, document, "the file")
    except RecursionError:
        raise ModelFileError(f"{path} is not a prediction model: it is nested too deeply.") from None
    except ValueError as error:
        raise ModelFileError(f"{path} is not a prediction model: {error}.") from error
    return file.contexts


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _check_version(document: Any) -> int:
    """The version of a model, this one's or an older one's; raises `_Malformed` where it is none."""
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise _Malformed("it does not say that it is one")
    version = document.get("version")
    if type(version) is not int or version > _VERSION:
        raise _Malformed(f"its version is {version!r}, not {_VERSION}")
    return version


# -- classes to JSON and back ------------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def _stored(kind: type[Any]) -> tuple[Attribute[Any], ...]:
    """The fields of a class that are stored, with their types resolved."""
    return tuple(one for one in fields(resolve_types(kind)) if one.init)


def _plain(kind: Any, value: Any) -> Any:
    """A copy of a value of a type as JSON has it; dictionaries whose keys may be None are lists of pairs."""
    if has(kind):
        return {one.name: _plain(one.type, getattr(value, one.name)) for one in _stored(kind)}
    if get_origin(kind) is dict:
        of_key, of_item = get_args(kind)
        if of_key is not str:
            return [[key, _plain(of_item, item)] for key, item in value.items()]
        return dict(value) if of_item in _SCALARS else {key: _plain(of_item, item) for key, item in value.items()}
    if get_origin(kind) is list:
        return [_plain(get_args(kind)[0], item) for item in value]
    return value


def _typed(kind: Any, value: Any, name: str) -> Any:
    """A value of a type from JSON; raises `_Malformed` for anything else."""
    if kind in _SCALARS:
        if type(value) is not (kind or type(None)):
            raise _Malformed(f"{name} is {value!r:.40}")
        if isinstance(value, int | float) and not (isfinite(value) and (value >= 0 or name in _SIGNED)):
            raise _Malformed(f"{name} is {value!r:.40}, which is out of range")
        return value
    if has(kind):
        parts = _of(dict, value, name)
        if parts.keys() != {one.name for one in _stored(kind)}:
            raise _Malformed(f"{name} has other fields")
        return kind(**{one.name: _typed(one.type, parts[one.name], one.name) for one in _stored(kind)})
    container, kinds = get_origin(kind), get_args(kind)
    if container in (UnionType, Union):
        return None if value is None else _typed(kinds[0], value, name)
    if container is dict:
        return _dictionary(kinds, value, name)
    return container(_typed(kinds[0], item, name) for item in _of(list, value, name))


def _dictionary(kinds: tuple[Any, ...], value: Any, name: str) -> dict[Any, Any]:
    of_key, of_item = kinds
    if of_key is not str:
        pairs = (_of(list, pair, name) for pair in _of(list, value, name))
        return {_typed(of_key, key, name): _typed(of_item, item, name) for key, item in pairs}
    items = _of(dict, value, name)
    if of_item is not float:
        return {key: _typed(of_item, item, name) for key, item in items.items()}
    numbers = items.values()  # most of a file is rows of weights, so they are checked as a whole
    if not set(map(type, numbers)) <= {float} or not all(map(isfinite, numbers)) or min(numbers, default=0.0) < 0.0:
        raise _Malformed(f"{name} holds something that is no weight")
    return items


def _of(kind: type[_Type], value: Any, name: str) -> _Type:
    if not isinstance(value, kind):
        raise _Malformed(f"{name} is no {kind.__name__}")
    return value
