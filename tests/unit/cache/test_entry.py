"""An entry and the counters, as the public API defines them."""

import time

import pytest

from magnetar import CacheEntry, CacheStats


def test_an_entry_needs_only_a_key_and_a_value():
    entry = CacheEntry("k", "v")
    assert (entry.access_count, entry.ttl, entry.size_bytes) == (0, 300, 0)
    assert entry.created_at == pytest.approx(time.time(), abs=5)
    assert entry.last_accessed == pytest.approx(time.time(), abs=5)


@pytest.mark.parametrize(("age", "expired", "stale"), [(0, False, False), (81, False, True), (101, True, True)])
def test_an_entry_expires_with_its_ttl_and_is_stale_at_a_share_of_it(age, expired, stale):
    entry = CacheEntry("k", "v", ttl=100, created_at=time.time() - age)
    assert entry.is_expired() is expired
    assert entry.is_stale() is stale
    assert entry.is_stale(0.99) is expired


def test_an_access_counts_and_moves_the_time():
    entry = CacheEntry("k", "v", last_accessed=0)
    entry.access()
    assert entry.access_count == 1
    assert entry.last_accessed > 0


@pytest.mark.parametrize(
    ("age", "count", "score"),
    [(0, 0, 0.6), (1_800, 0, 0.3), (3_600, 50, 0.2), (10_000, 100, 0.4), (0, 1_000, 1.0)],
)
def test_the_eviction_score_is_recency_and_frequency_at_sixty_to_forty(age, count, score):
    entry = CacheEntry("k", "v", access_count=count, last_accessed=time.time() - age)
    assert entry.eviction_score() == pytest.approx(score, abs=0.01)


def test_rates_are_percentages_and_zero_before_anything_was_counted():
    assert CacheStats().hit_rate == 0.0
    assert CacheStats().prediction_accuracy == 0.0
    stats = CacheStats(hits=3, misses=1, predictions=4, correct_predictions=1)
    assert stats.hit_rate == 75.0
    assert stats.prediction_accuracy == 25.0


def test_to_dict_holds_the_fields_the_rates_and_the_utilization():
    assert CacheStats(hits=1, size=5, max_size=10).to_dict() == {
        "hits": 1,
        "misses": 0,
        "evictions": 0,
        "predictions": 0,
        "correct_predictions": 0,
        "size": 5,
        "size_bytes": 0,
        "max_size": 10,
        "max_size_bytes": 0,
        "hit_rate": 100.0,
        "prediction_accuracy": 0.0,
        "utilization": 50.0,
    }
