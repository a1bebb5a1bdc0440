"""Values to bytes and back, with the rules of the standard `json` module.

What can be stored is what `json.dumps` takes, and what comes back is what `json.loads(json.dumps(value))` gives: tuples
come back as lists, number keys as strings, NaN and the infinities as themselves, integers of any size. orjson does the
work wherever its answer is the same. Beyond JSON there are two forms:

- a numpy array of floats, as the value itself and not inside another one: a header of its item size in bytes and its
  number of dimensions (one byte each), then each dimension (uint32), then the items in C order; everything little-endian.
  It comes back equal, with its dtype and shape, read-only and without a copy.
- raw bytes, which only the server's own blobs use; as a cached value, bytes are a `TypeError`.

Never pickle. The numbers of the forms are stored: a new form gets a new number, and a number never changes its meaning.
"""

from __future__ import annotations

import json
import struct
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

if TYPE_CHECKING:
    import numpy as np

_FLOAT_SIZES: Final = (2, 4, 8)
_IMMUTABLE: Final = (str, int, float, bool, type(None))


class Form(IntEnum):
    """How a payload is to be read."""

    JSON = 1
    """UTF-8 JSON that orjson reads back exactly."""
    PYTHON_JSON = 2
    """JSON that takes the standard library: NaN, huge integers, lone surrogates, or a value with tuples."""
    FLOATS = 3
    """A numpy array of floats."""
    BLOB = 4
    """Bytes as they are."""


_JSON: Final = Form.JSON  # looking up an enum's member costs as much as reading a short value


class Encoded(NamedTuple):
    """A value's bytes and how to read them; their number is the value's size in every limit and statistic.

    A tuple, as `Record` is: a frozen class costs a microsecond more for every value that is set or read.
    """

    form: Form
    payload: bytes


def encode(key: str, value: Any) -> tuple[Encoded, Any]:
    """A value's stored form, and the value as it will come back: later changes to `value` don't reach it.

    Raises:
        TypeError: the value is neither JSON-serialisable nor an array of floats; the text names the key and the type.
    """
    form, payload, stored = serialize(key, value)
    return Encoded(form, payload), stored


def serialize(key: str, value: Any) -> tuple[Form, bytes, Any]:
    """As `encode`, with the parts of the stored form by themselves, for a caller that wants no more than one of them."""
    try:
        payload = orjson.dumps(value)
    except TypeError:
        if type(value).__module__ == "numpy" and _is_floats(value):
            payload = pack_floats(value)
            return Form.FLOATS, payload, unpack_floats(payload)
        return _serialize_by_json(key, value)
    if type(value) in _IMMUTABLE and (payload != b"null" or value is None):
        return _JSON, payload, value
    # orjson takes more than json does (UUIDs, dates, dataclasses) and turns NaN into null: where what it wrote does not
    # read back as the same value, json decides.
    again = orjson.loads(payload)
    return (_JSON, payload, again) if again == value else _serialize_by_json(key, value)


def decode(encoded: Encoded) -> Any:
    """The value of a stored form.

    Raises:
        ValueError: the payload is damaged.
    """
    if encoded.form is _JSON:
        return orjson.loads(encoded.payload)
    if encoded.form is Form.PYTHON_JSON:
        return _decode_python_json(encoded.payload)
    if encoded.form is Form.FLOATS:
        return unpack_floats(encoded.payload)
    return encoded.payload


def _serialize_by_json(key: str, value: Any) -> tuple[Form, bytes, Any]:
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(
            f"The value for {key!r} cannot be cached: {type(value).__name__} is not JSON-serialisable ({error})"
        ) from error
    return Form.PYTHON_JSON, text.encode("utf-8", "surrogatepass"), json.loads(text)


def _decode_python_json(payload: bytes) -> Any:
    try:
        return json.loads(payload.decode("utf-8", "surrogatepass"))
    except RecursionError as error:  # nothing that was encoded is nested so deep
        raise ValueError(f"A stored value is damaged: {error}") from error


def _is_floats(value: Any) -> bool:
    import numpy as np

    return isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.itemsize in _FLOAT_SIZES


def pack_floats(value: np.ndarray) -> bytes:
    """An array of floats of two, four or eight bytes as bytes, in the form described above."""
    import numpy as np

    items = np.ascontiguousarray(value, dtype=f"<f{value.itemsize}")
    return struct.pack(f"<BB{value.ndim}I", value.itemsize, value.ndim, *value.shape) + items.tobytes()


def unpack_floats(payload: bytes) -> np.ndarray:
    """The array that `pack_floats` made bytes of, read-only and without a copy.

    Raises:
        ValueError: the bytes are no array.
    """
    import numpy as np

    try:
        item_size, dimensions = struct.unpack_from("<BB", payload)
        shape = struct.unpack_from(f"<{dimensions}I", payload, 2)
        return np.frombuffer(payload, f"<f{item_size}", offset=2 + 4 * dimensions).reshape(shape)
    except (struct.error, TypeError) as error:
        raise ValueError(f"A stored array is damaged: {error}") from error
