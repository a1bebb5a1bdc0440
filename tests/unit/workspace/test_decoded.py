"""Facts that are ready for use stay within their bytes, by what they really take."""

from magnetar.symbols import codec
from magnetar.symbols.build import build_facts
from magnetar.workspace.decoded import DecodedFacts

FUNCTIONS = "".join(f"def function_{number}(value):\n    return value\n\n\n" for number in range(500))


def stored(text):
    return codec.encode_facts(build_facts("a.py", text).facts)


def test_those_used_longest_ago_go_first():
    blob = stored("VALUE = 1\n")
    room_for_two = DecodedFacts(2 * (len(blob) + 4_096 + 160))
    for key in "abac":
        if room_for_two.get(key, 1) is None:
            room_for_two.decode(key, 1, blob)
    assert [room_for_two.get(key, 1) is not None for key in "abc"] == [True, False, True]


def test_names_that_may_be_made_of_them_are_charged_for():
    blob = stored(FUNCTIONS)
    enough_for_what_is_stored = DecodedFacts(len(blob) + 8_192)
    enough_for_what_is_stored.decode("a", 1, blob)
    assert enough_for_what_is_stored.get("a", 1) is None
    enough = DecodedFacts(len(blob) + 8_192 + 160 * 500)
    assert enough.decode("a", 1, blob).defined == enough.get("a", 1).defined
