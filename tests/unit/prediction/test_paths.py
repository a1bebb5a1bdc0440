"""What keys have in common by their spelling alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magnetar.prediction.paths import kinship, spelling


@pytest.mark.parametrize(
    ("key", "folder", "words"),
    [
        ("src/pages/OrderList.test.tsx", "src/pages", {"order", "list", "test"}),
        ("parseHTTPHeaders.go", "", {"parse", "http", "headers"}),
        ("file:/home/me/a_b/.gitignore", "file:/home/me/a_b", {"gitignore"}),
        ("user:42", "", {"user", "42"}),
        ("документы/отчёт.md", "документы", {"отчёт"}),
        ("", "", set()),
        ("/", "", set()),
    ],
)
def test_a_key_is_taken_apart(key, folder, words):
    assert spelling(key) == (folder, words)


def test_a_test_is_kin_to_what_it_tests():
    names = "src/order_list.py", "tests/test_order_list.py", "src/order_form.py", "src/theme.py"
    listing, its_test, form, theme = (spelling(name).words for name in names)
    assert kinship(listing, its_test) > kinship(listing, form) > kinship(listing, theme) == 0.0


@settings(deadline=None)
@given(*[st.frozensets(st.sampled_from("abcde"))] * 2)
def test_kinship_is_symmetric_and_within_bounds(one, other):
    assert kinship(one, other) == kinship(other, one)
    assert 0.0 <= kinship(one, other) <= 1.0


def test_a_huge_key_costs_no_more_than_a_long_one():
    assert len(spelling("ab_" * 1_000_000).words) == 1
    assert len(spelling("a/" * 1_000_000).folder) < 1_100
