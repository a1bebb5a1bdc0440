"""What goes into a cache comes out as `json` would bring it, and nothing else goes in."""

import enum
import json
import math
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnetar.cache.codec import Encoded, Form, decode, encode


@dataclass
class Point:
    x: int = 1


class Color(enum.Enum):
    RED = "red"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=20,
)


@given(json_values)
def test_a_value_comes_back_as_json_would_bring_it(value):
    encoded, stored = encode("k", value)
    assert stored == decode(encoded) == json.loads(json.dumps(value))


@pytest.mark.parametrize(
    "value",
    [
        float("inf"),
        [-math.inf],
        2**64,
        -(10**300),
        "\ud800",
        {"a": ("\udcff", 2**70)},
        np.float64(1.5),
        -0.0,
        {1: {2: 3}},
    ],
    ids=repr,
)
def test_what_orjson_cannot_say_comes_back_too(value):
    assert decode(encode("k", value)[0]) == json.loads(json.dumps(value))


def test_nan_comes_back_as_nan():
    assert math.isnan(decode(encode("k", [math.nan])[0])[0])


@pytest.mark.parametrize(
    "value",
    [
        b"bytes",
        {"a": b"bytes"},
        {1, 2},
        object(),
        Point(),
        [Color.RED],
        uuid.uuid4(),
        datetime.now(timezone.utc),
        print,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_json_refuses_is_a_type_error_that_names_key_and_type(value):
    with pytest.raises(TypeError, match=rf"'the key'.*{type(value).__name__} is not JSON-serialisable"):
        encode("the key", value)


def test_a_value_that_holds_itself_is_a_type_error():
    value = []
    value.append(value)
    with pytest.raises(TypeError, match="list is not JSON-serialisable"):
        encode("k", value)


def test_changing_a_value_later_does_not_change_what_is_stored():
    value = {"a": [1]}
    _, stored = encode("k", value)
    value["a"].append(2)
    assert stored == {"a": [1]}


@pytest.mark.parametrize(("value", "size"), [("é", 4), ({"a": [1, 2]}, 11), (None, 4), ("x" * 100, 102)])
def test_the_size_is_the_length_of_the_compact_json_in_utf8(value, size):
    assert len(encode("k", value)[0].payload) == size


@pytest.mark.parametrize("dtype", ["<f2", "<f4", "<f8", ">f4"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 3, 4)])
def test_an_array_of_floats_comes_back_equal(dtype, shape):
    array = np.arange(math.prod(shape), dtype=dtype).reshape(shape)
    back = decode(encode("k", array)[0])
    assert back.shape == shape
    assert back.dtype == np.dtype(dtype).newbyteorder("<")
    assert np.array_equal(back, array)


def test_an_embedding_takes_four_bytes_a_number_and_a_short_header():
    assert len(encode("k", np.zeros(256, "f4"))[0].payload) == 2 + 4 + 4 * 256


def test_a_stored_array_cannot_be_changed_from_outside():
    array = np.zeros(3, "f4")
    _, stored = encode("k", array)
    array[0] = 1
    assert not stored.any()
    assert not stored.flags.writeable


@pytest.mark.parametrize("value", [np.arange(3), np.array(["a"]), {"a": np.zeros(3)}, np.float32(1)], ids=repr)
def test_other_numpy_values_are_type_errors(value):
    with pytest.raises(TypeError, match="not JSON-serialisable"):
        encode("k", value)


@pytest.mark.parametrize("form", [Form.JSON, Form.PYTHON_JSON, Form.FLOATS])
@pytest.mark.parametrize(
    "payload", [b"", b"{", b"\x04", b"\x04\x01\x05\x00\x00\x00abc", b"\x03\x01\x01\x00\x00\x00abc"]
)
def test_a_damaged_payload_is_a_value_error(form, payload):
    with pytest.raises(ValueError):  # noqa: PT011 - the text is the driver's
        decode(Encoded(form, payload))
