"""The order of eviction against one that computes every score anew, and its cost at size."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from magnetar.cache.entry import FREQUENCY_SHARE, RECENCY_SHARE
from magnetar.cache.eviction import BUCKETS_PER_HALF_LIFE, UNASKED, EvictionOrder, Usage
from magnetar.cache.expiry import ExpiryQueue

BOUND = 2 ** (1 / BUCKETS_PER_HALF_LIFE) * (1 + 1e-9)


class Order:
    """An `EvictionOrder` and the usages that a cache would keep."""

    def __init__(self):
        self.order = EvictionOrder()
        self.usages = {}

    def access(self, key):
        usage = self.usages.get(key, Usage(key, 0.0, 0.0, None))
        self.order.access(usage, len(self.usages))
        self.usages[key] = usage

    def add(self, key):
        self.order.add(self.usages.setdefault(key, Usage(key, 0.0, 0.0, None)))

    def withhold(self, key):
        self.order.withhold(self.usages[key])

    def discard(self, key):
        usage = self.usages.pop(key, None)
        if usage is not None:
            self.order.withhold(usage)

    def pop_victim(self):
        victim = self.order.pop_victim()
        self.usages.pop(victim, None)
        return victim


class EveryScore:
    """The policy by its definition: all accesses are kept, and every score is summed up when it is asked for."""

    def __init__(self):
        self.now = 0.0
        self.accesses = {}
        self.last = {}

    def access(self, key):
        self.now += 1 / (len(self.accesses) or 1)
        self.accesses.setdefault(key, []).append((self.now, 1.0))
        self.last[key] = self.now

    def add(self, key):
        self.accesses.setdefault(key, [(self.now, UNASKED)])
        self.last.setdefault(key, self.now)

    def discard(self, key):
        self.accesses.pop(key, None)
        self.last.pop(key, None)

    def score(self, key):
        worth = sum(count * 2 ** (moment - self.now) for moment, count in self.accesses[key])
        return RECENCY_SHARE * 2 ** (self.last[key] - self.now) + FREQUENCY_SHARE * worth


steps = st.lists(
    st.tuples(st.sampled_from(["access"] * 6 + ["add", "discard", "evict"]), st.integers(0, 12)), max_size=200
)


@given(steps)
def test_the_victim_is_within_the_bound_of_the_lowest_score(steps):
    order, oracle = Order(), EveryScore()
    for step, number in steps:
        key = str(number)
        if step == "evict":
            victim = order.pop_victim()
            assert (victim is None) == (not oracle.accesses)
            if victim is not None:
                lowest = min(oracle.score(key) for key in oracle.accesses)
                assert oracle.score(victim) <= lowest * BOUND
                oracle.discard(victim)
        else:
            getattr(order, step)(key)
            getattr(oracle, step)(key)


def test_of_equals_the_one_that_came_first_goes_first():
    order = Order()
    for key in "abc":
        order.add(key)
    assert [order.pop_victim() for _ in range(4)] == ["a", "b", "c", None]


def test_a_key_that_is_used_often_outlives_one_that_was_used_last():
    order = Order()
    for key in [*"abcdefghij", "often", "often", "often", "once", *"abcdefghij"]:
        order.access(key)
    assert order.pop_victim() == "once"


def test_what_was_loaded_ahead_outlives_what_was_asked_for_once_and_some_time_ago():
    order = Order()
    for key in "abcd":
        order.access(key)
    order.add("ahead")
    assert order.pop_victim() == "a"
    order.access("a")
    order.discard("b")
    assert order.pop_victim() == "c"


def test_a_withheld_key_is_no_victim_and_keeps_its_history():
    order = Order()
    for key in ("a", "b", "b"):
        order.access(key)
    order.withhold("a")
    assert order.pop_victim() == "b"
    order.add("a")
    assert order.pop_victim() == "a"


def test_very_many_accesses_to_few_keys_leave_nothing_behind():
    order = Order()
    for number in range(20_000):
        order.access(str(number % 3))
    assert held(order.order) < 200
    assert len(order.order._numbers) < 200
    assert math.isfinite(order.order._now)


def test_discarded_keys_leave_nothing_behind():
    order = Order()
    for number in range(2_000):
        order.access(str(number))
    for number in range(2_000):
        order.discard(str(number * 7 % 2_000))
    assert held(order.order) == 0


@settings(max_examples=30, deadline=None)
@given(steps)
def test_no_more_is_held_than_four_times_what_can_be_evicted(steps):
    order = Order()
    for step, number in steps * 20:
        if step == "evict":
            order.pop_victim()
        else:
            getattr(order, step)(str(number))
        assert held(order.order) <= 4 * len(order.usages)


def held(order):
    """How many usages the order holds on to."""
    return sum(len(line.usages) for line in order._lines.values())


def test_evicting_first_come_first_served_does_not_slow_down_with_size():
    order = Order()
    for number in range(20_000):
        order.add(str(number))
    for number in range(20_000):  # quadratic if finding the first meant passing those that are gone
        assert order.pop_victim() == str(number)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 40), st.sampled_from(["place", "place", "discard", "due"])))
)
def test_what_is_due_is_exactly_what_has_expired(steps):
    queue, expected = ExpiryQueue(), {}
    for number, sixteenths, step in steps:
        key, moment = str(number), sixteenths / 16  # several in one bucket, and in several of them
        if step == "due":
            due = {key: at for key, at in expected.items() if at <= moment}
            assert queue.soonest <= min(expected.values(), default=math.inf)
            assert {key: at for key, at in queue.due(moment) if expected.get(key) == at} == due
            for key in due:
                del expected[key]
        else:
            if key in expected:
                queue.discard(key, expected.pop(key))
            if step == "place":
                queue.place(key, moment)
                expected[key] = moment


def test_setting_one_expiry_again_and_again_leaves_nothing_behind():
    queue = ExpiryQueue()
    for moment in range(10_000):
        queue.place("k", moment)
        queue.discard("k", moment)
    assert queue._buckets == {}
    assert len(queue._numbers) < 200
    assert list(queue.due(10_000)) == []


def test_setting_expiries_near_the_present_leaves_nothing_behind():
    queue = ExpiryQueue()
    for step in range(10_000):
        now = step / 1_000
        queue.place("k", now + 0.01)
        list(queue.due(now))
        queue.discard("k", now + 0.01)
    assert len(queue._at_hand) < 200
