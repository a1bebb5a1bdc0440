"""Readers for the fields of incoming messages: each turns a JSON value into a typed one or names what is wrong with it.

Unknown fields are ignored and `null` means absent. Nothing is coerced: a number is no string and `true` is no number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen
from pygls.exceptions import JsonRpcInvalidParams

from magnetar.lsp.convert import MalformedUri, path_of
from magnetar.model import Target

T = TypeVar("T")
E = TypeVar("E", bound=Enum)
Reader = Callable[[Any, str], T]
"""Given a value and its field's name; raises `JsonRpcInvalidParams`."""

WirePosition = tuple[int, int]
"""Line and character, in the client's units."""
WireRange = tuple[WirePosition, WirePosition]


@frozen
class Fields:
    """A JSON object whose fields are read one by one."""

    values: Mapping[str, Any]
    prefix: str = ""

    @classmethod
    def of(cls, raw: Any, name: str = "") -> Fields:
        """The fields of `raw`, which is called `name` in messages; absent params are an empty object."""
        if raw is None and not name:
            return cls({})
        if not isinstance(raw, Mapping):
            raise JsonRpcInvalidParams(f"{name or 'params'} must be an object")
        return cls(raw, f"{name}." if name else "")

    def required(self, name: str, read: Reader[T]) -> T:
        """The field's value; absent is an error that says what belongs there."""
        return read(self.values.get(name), self.prefix + name)

    def optional(self, name: str, read: Reader[T]) -> T | None:
        """The field's value, or None where it is absent."""
        value = self.values.get(name)
        return None if value is None else read(value, self.prefix + name)


def text(value: Any, name: str) -> str:
    """A string."""
    if not isinstance(value, str):
        raise JsonRpcInvalidParams(f"{name} must be a string")
    return value


def boolean(value: Any, name: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise JsonRpcInvalidParams(f"{name} must be true or false")
    return value


def integer(low: int) -> Reader[int]:
    """An integer that is at least `low`."""

    def read(value: Any, name: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < low:
            raise JsonRpcInvalidParams(f"{name} must be an integer ≥ {low}")
        return value

    return read


def one_of(kind: type[E]) -> Reader[E]:
    """One of an enumeration's values."""

    def read(value: Any, name: str) -> E:
        for member in kind:
            if type(value) is type(member.value) and member.value == value:
                return member
        allowed = ", ".join(str(member.value) for member in kind)
        raise JsonRpcInvalidParams(f"{name} must be one of {allowed}")

    return read


def array(read: Reader[T]) -> Reader[tuple[T, ...]]:
    """An array, each of whose elements `read` accepts."""

    def read_all(value: Any, name: str) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise JsonRpcInvalidParams(f"{name} must be an array")
        return tuple(read(element, f"{name}[{index}]") for index, element in enumerate(value))

    return read_all


def target(value: Any, name: str) -> Target:
    """A URI; one that is no `file:` URI names a document without a path."""
    try:
        return Target(text(value, name), path_of(value))
    except MalformedUri as error:
        raise JsonRpcInvalidParams(f"{name} must be a URI: {error}") from error


def document(value: Any, name: str) -> Target:
    """A `TextDocumentIdentifier`."""
    return Fields.of(value, name).required("uri", target)


def directory(value: Any, name: str) -> Path:
    """A `file:` URI."""
    path = target(value, name).path
    if path is None:
        raise JsonRpcInvalidParams(f"{name} must be a file: URI")
    return path


def position(value: Any, name: str) -> WirePosition:
    """A `Position`."""
    fields = Fields.of(value, name)
    return fields.required("line", integer(0)), fields.required("character", integer(0))


def range_(value: Any, name: str) -> WireRange:
    """A `Range`."""
    fields = Fields.of(value, name)
    return fields.required("start", position), fields.required("end", position)


def token(value: Any, name: str) -> str | int:
    """A progress token."""
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise JsonRpcInvalidParams(f"{name} must be a string or an integer")
    return value
