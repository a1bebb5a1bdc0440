"""What is fuzzed for minutes elsewhere (tests/fuzz), tried here with a few inputs: the seeds, and bytes at random beside them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.targets import TARGETS

SLOW = {"symbols", "packing"}


@pytest.mark.parametrize("name", TARGETS)
def test_no_bytes_make_a_target_stumble(name):
    target = TARGETS[name]
    seeds = st.sampled_from(list(target.seeds))
    parts = st.tuples(seeds, st.binary(max_size=20), seeds, st.integers(0, 255))

    @settings(max_examples=20 if name in SLOW else 100, deadline=None, derandomize=True)
    @given(st.binary(max_size=200) | parts.map(lambda part: part[0][: part[3]] + part[1] + part[2][part[3] // 2 :]))
    def stumbles(data):
        target.run(data)

    for seed in target.seeds:
        target.run(seed)
    stumbles()


def test_every_target_has_inputs_to_start_from():
    assert all(target.seeds for target in TARGETS.values())
