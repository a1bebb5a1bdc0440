from functools import lru_cache
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from magnetar.context.packing import Shelf, Units, completed, joined, pack, whole, without
from magnetar.symbols.build import build_facts

TEXT = """import os


class Reader:
    \"\"\"Reads things.\"\"\"

    def __init__(self, path):
        self.path = path
        self.lines = []

    def read(self):
        with open(self.path) as file:
            for line in file:
                self.lines.append(line)
                if len(self.lines) > 1000:
                    raise OverflowError(self.path)
        return self.lines


def main():
    reader = Reader(os.environ["READ"])
    for line in reader.read():
        print(line)
"""


@lru_cache
def facts(repeats=1, secret=()):
    return build_facts("reader.py", TEXT * repeats, secret_lines=secret).facts


def shelf(path, values, repeats=1, secret=(), held=(), worth=0.5):
    known = facts(repeats, secret)
    values = np.array([*values, *[0.1] * len(known.starts)][: len(known.starts)])
    return Shelf(path, known, Units.of_runs(np.column_stack((known.starts, known.ends)), values), worth, held)


def lines_of(runs):
    return {line for start, end in runs for line in range(start, end)}


shelves = st.lists(
    st.builds(
        shelf,
        st.just("?"),
        st.lists(st.floats(0, 1), max_size=12),
        st.sampled_from([1, 3]),
        st.sampled_from([(), ((7, 8),), ((2, 4), (12, 13))]),
        st.sampled_from([(), ((0, 5),)]),
        st.floats(0, 1),
    ),
    max_size=8,
).map(lambda found: [Shelf(str(n), s.facts, s.units, s.worth, s.held) for n, s in enumerate(found)])


@given(shelves, st.integers(1, 2_000), st.integers(0, 8))
def test_a_packed_answer_never_costs_more_than_the_budget_or_has_more_items_than_asked(found, budget, most):
    packed = pack(found, budget, most)
    by_path = {one.path: one for one in found}
    packed, left = completed(by_path, packed, budget - sum(by_path[p].cost(runs) for p, runs in packed.items()))
    assert left >= 0
    assert sum(by_path[path].cost(runs) for path, runs in packed.items()) + left == budget
    assert len(packed) <= most


@given(shelves, st.integers(1, 2_000))
def test_packed_runs_are_in_order_and_show_neither_secret_nor_held_lines(found, budget):
    by_path = {one.path: one for one in found}
    for path, runs in pack(found, budget, 8).items():
        one = by_path[path]
        assert all(start < end for start, end in runs)
        assert all(before[1] < after[0] for before, after in pairwise(runs))
        assert lines_of(runs).isdisjoint(lines_of(one.held) | lines_of(one.facts.secret_lines))


@given(shelves, st.integers(1, 2_000))
def test_packing_is_deterministic(found, budget):
    assert pack(found, budget, 8) == pack(found, budget, 8)


def test_many_documents_get_a_say_before_one_is_shown_at_length():
    found = [shelf(str(number), [0.5] * 12, 3) for number in range(6)]
    assert len(pack(found, 700, 8)) == 6


def test_the_most_valuable_piece_of_a_document_comes_first():
    one = shelf("a", [0.1, 0.1, 0.9])
    (runs,) = pack([one], 90, 8).values()
    assert lines_of(one.units[2]) <= lines_of(runs)


def test_pieces_that_stand_next_to_each_other_become_one_run():
    one = shelf("a", [])
    runs = joined(one, [one.units[number][0] for number in range(3)])
    assert len(runs) == 1


def test_a_document_that_lacks_a_few_lines_is_completed():
    one = shelf("a", [])
    runs = joined(one, [(0, 22)])
    assert completed({"a": one}, {"a": runs}, 100) == (
        {"a": whole(one.facts)},
        100 - one.cost(whole(one.facts)) + one.cost(runs),
    )
    assert completed({"a": one}, {"a": runs}, 0) == ({"a": runs}, 0)


def test_lines_are_cut_out_of_runs():
    assert without([(0, 10), (12, 14)], [(2, 4), (9, 13)]) == [(0, 2), (4, 9), (13, 14)]
