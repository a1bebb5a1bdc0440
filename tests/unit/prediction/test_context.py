"""Bounds of a context and its sessions, and what its pieces must agree on."""

import math
from copy import deepcopy
from operator import mul

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from magnetar.model import Signal
from magnetar.prediction import features, prior
from magnetar.prediction.context import MOST_SESSIONS, Context
from magnetar.prediction.model import MOST_CONTEXTS, PredictionModel
from magnetar.prediction.session import MOST_SHOWN, MOST_VISITED, Session, Trail


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=8, max_size=60), st.booleans())
def test_what_is_left_out_because_it_is_zero_changes_no_probability_and_no_lesson(accesses, searched):
    context = Context()
    for number, place in enumerate(accesses):
        if searched and number % 5 == 0:
            context.results(None, [f"src/shown_{place}.py", f"src/module_{place // 2}.py"])
        context.access(None, f"src/module_{place}.py", number * 0.7, edit=number % 2 == 0)
    assume(None in context.rankings)
    ranking = context.rankings[None]
    rows = [ranking.evidence.row(candidate) for candidate in ranking.order]
    kinds = [ranking.evidence.visited[candidate] for candidate in ranking.order]
    weights = deepcopy(context.ranker.weights[ranking.bucket])

    odds = [math.exp(sum(map(mul, weights[kind], row))) for kind, row in zip(kinds, rows, strict=True)]
    total = sum(odds) + math.exp(weights[0][features.ELSEWHERE])
    assert ranking.probabilities == pytest.approx([one / total for one in odds])

    context.ranker.learn(ranking, 0 if rows else None)
    learned = context.ranker.weights[ranking.bucket]
    for kind in (0, 1):
        for place in range(len(features.FEATURES)):
            slope = sum(
                (probability - (number == 0)) * row[place]
                for number, (probability, row) in enumerate(zip(ranking.probabilities, rows, strict=True))
                if kinds[number] == kind
            )
            if place != features.ELSEWHERE and abs(slope) > 0.25:  # less may be of errors that count as none
                assert (learned[kind][place] < weights[kind][place]) == (slope > 0.0)


def test_there_is_a_number_for_each_feature_that_weights_are_for():
    context = Context()
    for key in ("src/a.py", "src/b.py", "src/a.py"):
        context.access(None, key, 1.0, edit=True)
    for weights in (prior.NEW, prior.VISITED):
        assert list(weights) == list(features.FEATURES)
        assert {len(row) for row in weights.values()} == {features.BUCKETS}
    evidence = features.evidence(context.knowledge, context.sessions[None], ["src/b.py"])
    row = dict(zip(features.FEATURES, evidence.row(0), strict=True))
    assert evidence.visited == [True]
    assert row["elsewhere"] == 0.0
    assert row["visited"] == 1.0
    assert row["visit_place"] == 0.5
    assert row["age"] > 0.0
    assert set(features.FEATURES.values()) == {
        None,
        Signal.RECENT,
        Signal.PREDICTED,
        Signal.COCHANGE,
        Signal.PATH,
        Signal.LEXICAL,
    }


def test_each_situation_is_one_of_those_weights_are_for():
    session, situations = Session(), set()
    for number in range(9):
        session.visit(str(number), float(number * 10))
        situations.add(features.bucket(session))
    session.visit("same act", 80.5)
    situations.add(features.bucket(session))
    session.show(["found"])
    situations.add(features.bucket(session))
    session.visit("found", 200.0)
    situations.add(features.bucket(session))
    session.edited = True
    situations.add(features.bucket(session))
    assert situations == set(range(features.BUCKETS))


def test_candidates_are_bounded_whatever_is_known():
    context = Context()
    for number in range(300):
        context.access("hub", "src/hub.py", float(number), edit=False)
        context.access("hub", f"src/module_{number}.py", number + 0.5, edit=False)
    context.results("hub", [f"lib/{number}.py" for number in range(100)])
    keys = features.candidates(context.knowledge, context.sessions["hub"])
    assert len(keys) == len(set(keys)) == features.MOST_CANDIDATES


def test_sessions_and_contexts_are_bounded_and_the_oldest_goes_first():
    context = Context()
    for number in range(MOST_SESSIONS + 10):
        context.access(str(number), "a", None, edit=False)
    assert len(context.sessions) == len(context.rankings) == MOST_SESSIONS
    assert "9" not in context.sessions
    model = PredictionModel()
    for number in range(MOST_CONTEXTS + 1):
        model.record_access("a", str(number))
        model.record_access("b", str(number))
    assert model.statistics("0").transitions == 0
    assert model.statistics("1").transitions == 1


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.floats(0, 3)), max_size=400))
def test_a_session_never_grows_beyond_its_bounds(visits):
    session, now = Session(), 0.0
    for number, gap in visits:
        now += gap
        session.visit(str(number), now)
        session.show([str(number + shift) for shift in range(40)])
        assert len(session.visits) <= MOST_VISITED
        assert len(session.burst) <= MOST_VISITED
        assert len(session.results) == MOST_SHOWN
        assert len(session.shown.sums) <= 120
        assert 0.0 <= session.returning <= 1.0
        assert 0.0 <= session.toggling <= 1.0


def test_a_trail_fades_and_never_overflows():
    trail = Trail(0.5)
    for turn in range(5_000):
        trail.add({f"key{turn % 7}": 1.0}, 1.0)
    shares = {key: total / trail.scale for key, total in trail.sums.items()}
    assert trail.heaviest(3) == ["key1", "key0", "key6"]
    assert abs(shares["key1"] - 1.0) < 0.01
    assert abs(shares["key0"] - 0.5) < 0.01
