"""What the prediction model promises whoever asks it."""

import string
from threading import Barrier, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magnetar import PredictionModel
from magnetar.model import Signal

keys = st.one_of(
    st.sampled_from(["a", "src/app.py", "tests/test_app.py", "src/AppView.tsx", "docs/app.md"]),
    st.text(max_size=12),
)
contexts = st.sampled_from([None, "", "one", "two"])
sessions = st.sampled_from([None, "", "left", "right"])
times = st.one_of(st.none(), st.floats(), st.integers(-10, 10**10))
events = st.lists(
    st.one_of(
        st.tuples(st.just("access"), keys, contexts, sessions, times, st.sampled_from(["open", "edit"])),
        st.tuples(st.just("results"), st.lists(keys, max_size=5), contexts, sessions),
        st.tuples(st.just("seed"), keys, keys, contexts, st.floats()),
        st.tuples(st.just("rename"), keys, keys, contexts),
        st.tuples(st.just("rename_prefix"), st.text("/adsrct", max_size=4), st.text("/xyz", max_size=4), contexts),
        st.tuples(st.just("forget"), contexts),
    ),
    max_size=60,
)


def play(model, events):
    for name, *rest in events:
        if name == "access":
            key, context, session, at, kind = rest
            model.record_access(key, context, session=session, at=at, kind=kind)
        elif name == "results":
            shown, context, session = rest
            model.record_results(shown, context, session=session)
        elif name == "seed":
            one, other, context, weight = rest
            model.seed_cochange([(one, other, weight)], context)
        else:
            getattr(model, name)(*rest)
    return model


def visit(model, keys, context=None, **hints):
    for key in keys.split() if isinstance(keys, str) else keys:
        model.record_access(key, context, **hints)
    return model


@pytest.fixture
def model():
    return PredictionModel()


# -- learning ----------------------------------------------------------------------------------------------------------


def test_what_followed_before_is_expected_to_follow_again(model):
    visit(model, "a b a b a")
    assert model.predict_next("a") == ["b"]


def test_a_habit_is_learned_within_a_minute(model):
    visit(model, "model view test " * 4 + "model")
    assert model.predict_next("model", top_k=1) == ["view"]
    visit(model, "view")
    assert model.predict_next("view", top_k=1) == ["test"]


def test_an_empty_model_predicts_nothing(model):
    assert model.predict_next("a") == []
    assert model.predict("a") == []
    assert model.explain("a") == []
    assert model.get_related_keys("a") == []
    assert (model.transitions, model.documents, model.evaluated, model.hit_at_1, model.hit_at_5) == (0, 0, 0, 0.0, 0.0)


def test_a_key_never_seen_is_followed_by_what_is_recent_or_kin(model):
    visit(model, "src/invoice.py docs/notes.md src/customer.py")
    predicted = model.predict_next("tests/test_invoice.py")
    assert set(predicted) == {"src/invoice.py", "docs/notes.md", "src/customer.py"}


def test_the_current_key_is_never_predicted(model):
    visit(model, "a a b a a b a")
    assert "a" not in model.predict_next("a", top_k=100)


@pytest.mark.parametrize("top_k", [0, -1, -(10**9)])
def test_nothing_is_what_those_get_who_ask_for_nothing(model, top_k):
    visit(model, "a b a b a")
    assert model.predict_next("a", top_k=top_k) == []
    assert model.predict("a", top_k=top_k) == []
    assert model.explain("a", top_k=top_k) == []


def test_asking_changes_nothing(model):
    visit(model, "a b c a c b a")
    before = model.predict("a", top_k=10)
    for _ in range(3):
        model.predict_next("b")
        model.explain("never seen")
    assert model.predict("a", top_k=10) == before
    assert model.transitions == 6


def test_a_look_elsewhere_is_answered_without_moving_the_session(model):
    visit(model, "a b c a b c a b c a")
    assert model.predict_next("b", top_k=1) == ["c"]
    assert model.predict_next("a", top_k=1) == ["b"]


def test_all_that_was_learned_is_listed_to_those_who_want_it_all(model):
    names = [f"src/{letter}{number}.py" for letter in string.ascii_lowercase for number in range(10)]
    visit(model, names)
    assert sorted(model.predict_next("", top_k=1_000)) == sorted(names)
    assert sum(probability for _, probability in model.predict("", top_k=1_000)) <= 1.0


# -- contexts and sessions ---------------------------------------------------------------------------------------------


def test_contexts_never_see_each_other(model):
    visit(model, "a b a b a", "one")
    visit(model, "a c a c a", "two")
    assert model.predict_next("a", "one") == ["b"]
    assert model.predict_next("a", "two") == ["c"]
    assert model.predict_next("a") == []
    assert model.get_related_keys("a", "one", 1) == ["b"]


def test_what_happens_in_one_context_leaves_another_as_it_was(model):
    visit(model, "a b c a b", "one")
    before = model.predict("b", "one", 10)
    visit(model, "b a b a b a", "two")
    assert model.predict("b", "one", 10) == before


def test_interleaved_sessions_are_told_apart(model):
    for left, right in zip("abcabcabc", "xyzxyzxyz", strict=True):
        model.record_access(left, session="left")
        model.record_access(right, session="right")
    assert model.get_related_keys("a") == ["b"]
    assert model.get_related_keys("x") == ["y"]
    assert model.predict_next("c", session="left", top_k=1) == ["a"]
    assert model.predict_next("z", session="right", top_k=1) == ["x"]


def test_a_new_session_profits_from_the_others(model):
    visit(model, "a b c a b c a b c", session="first")
    assert model.predict_next("a", session="second", top_k=1) == ["b"]


def test_forgetting_a_context_leaves_the_others(model):
    visit(model, "a b a b a", "one")
    visit(model, "a b a b a", "two")
    model.forget("one")
    assert model.predict_next("a", "one") == []
    assert model.predict_next("a", "two") == ["b"]


# -- related keys ------------------------------------------------------------------------------------------------------


def test_related_keys_are_those_that_followed_often_enough_most_often_first(model):
    visit(model, "a b a c a b a c a b a d")
    assert model.get_related_keys("a") == ["b", "c"]
    assert model.get_related_keys("a", threshold=1) == ["b", "c", "d"]
    assert model.get_related_keys("a", threshold=3) == ["b"]
    assert model.get_related_keys("never seen") == []


def test_counts_of_related_keys_do_not_fade(model):
    visit(model, "a b a b")
    visit(model, [f"other{number}" for number in range(2_000)])
    assert model.get_related_keys("a") == ["b"]


def test_a_hub_keeps_those_it_leads_to_most(model):
    for number in range(1_000):
        visit(model, ["hub", "often", "hub", f"once{number}"])
    assert model.get_related_keys("hub") == ["often"]
    assert "often" in model.predict_next("hub")


# -- hints -------------------------------------------------------------------------------------------------------------


def test_what_was_just_shown_is_expected_though_never_accessed(model):
    visit(model, "src/a.py src/b.py src/a.py src/b.py src/a.py", session="agent")
    model.record_results(["lib/found.py", "src/b.py"], session="agent")
    assert "lib/found.py" in model.predict_next("src/a.py", top_k=2, session="agent")


def test_showing_is_no_access(model):
    model.record_results(["a", "b", "a"])
    model.record_results([])
    assert model.transitions == model.documents == 0
    assert model.get_related_keys("a", threshold=1) == []


def test_git_gives_a_new_model_its_first_predictions(model):
    model.seed_cochange([("src/cart.go", "deploy/prices.sql", 3.0), ("src/cart.go", "README.md", 0.1)])
    visit(model, "src/main.go src/util.go src/cart.go")
    assert "deploy/prices.sql" in model.predict_next("src/cart.go", top_k=3)
    assert model.get_related_keys("src/cart.go", threshold=1) == []
    assert model.transitions == 2
    assert model.seeded


def test_seeding_reaches_a_session_that_is_already_there(model):
    visit(model, "a b c")
    model.seed_cochange([("c", "kin", 3.0)])
    assert "kin" in model.predict_next("c")


def test_seeding_twice_is_seeding_once():
    pairs = [("a", "b", 2.0), ("a", "c", 1.0), ("a", "a", 5.0), ("b", "c", -1.0), ("x", "y", float("nan"))]
    once, twice = PredictionModel(), PredictionModel()
    once.seed_cochange(pairs)
    twice.seed_cochange(pairs)
    twice.seed_cochange(pairs)
    assert once.predict("a", top_k=10) == twice.predict("a", top_k=10)


# -- renames -----------------------------------------------------------------------------------------------------------


def test_history_follows_a_renamed_file(model):
    visit(model, "src/a.py src/b.py src/a.py src/b.py src/a.py")
    before = model.predict("src/a.py", top_k=10)
    model.rename("src/b.py", "lib/c.py")
    assert model.get_related_keys("src/a.py") == ["lib/c.py"]
    assert model.predict_next("src/a.py") == ["lib/c.py"]
    model.rename("lib/c.py", "src/b.py")
    assert model.predict("src/a.py", top_k=10) == before


def test_history_follows_a_renamed_folder(model):
    visit(model, "src/a.py src/b.py srcs/c.py src/a.py src/b.py src/a.py")
    model.rename_prefix("src/", "lib/core/")
    assert model.get_related_keys("lib/core/a.py") == ["lib/core/b.py"]
    assert set(model.predict_next("lib/core/a.py")) == {"lib/core/b.py", "srcs/c.py"}
    assert model.documents == 3


def test_a_file_renamed_onto_another_joins_it(model):
    visit(model, "a b a c a b a c a")
    model.rename("c", "b")
    assert model.get_related_keys("a", threshold=4) == ["b"]
    assert model.documents == 2


# -- figures -----------------------------------------------------------------------------------------------------------


def test_accuracy_is_counted_before_learning(model):
    visit(model, "a b")
    assert (model.evaluated, model.hit_at_5) == (1, 0.0)
    visit(model, "a b a b a b")
    assert (model.evaluated, model.transitions, model.documents) == (7, 7, 2)
    assert model.hit_at_1 == model.hit_at_5 == pytest.approx(100 * 6 / 7)


def test_figures_are_given_for_all_contexts_and_for_each(model):
    visit(model, "a b c", "one")
    visit(model, "a b", "two")
    assert (model.transitions, model.documents) == (3, 5)
    assert (model.statistics("one").transitions, model.statistics("two").documents) == (2, 2)
    assert model.statistics("three").transitions == 0


def test_repeats_of_the_current_key_are_no_transitions(model):
    visit(model, "a a a b b", kind="edit")
    assert (model.transitions, model.evaluated) == (1, 1)


# -- whatever happens --------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(events, keys, contexts, sessions, st.integers(-2, 100))
def test_predictions_hold_their_promises_whatever_was_recorded(events, key, context, session, top_k):
    model = play(PredictionModel(), events)
    predicted = model.predict(key, context, top_k, session=session)
    names = [name for name, _ in predicted]
    assert names == model.predict_next(key, context, top_k, session=session)
    assert len(set(names)) == len(names) <= max(0, top_k)
    assert key not in names
    probabilities = [probability for _, probability in predicted]
    assert all(0.0 <= probability <= 1.0 for probability in probabilities)
    assert sum(probabilities) <= 1.0 + 1e-9
    assert probabilities == sorted(probabilities, reverse=True)


@settings(deadline=None)
@given(events, keys, contexts, sessions)
def test_every_prediction_is_explained(events, key, context, session):
    model = play(PredictionModel(), events)
    explained = model.explain(key, context, 10, session=session)
    assert [(one.key, one.probability) for one in explained] == model.predict(key, context, 10, session=session)[
        : len(explained)
    ]
    for one in explained:
        weights = [weight for _, weight in one.reasons]
        assert weights
        assert weights == sorted(weights, reverse=True)
        assert all(0.0 < weight <= 1.0 for weight in weights)
        assert all(isinstance(signal, Signal) for signal, _ in one.reasons)


@settings(deadline=None)
@given(events, keys, contexts, sessions)
def test_the_same_events_give_the_same_predictions(events, key, context, session):
    one, other = play(PredictionModel(), events), play(PredictionModel(), events)
    assert one.predict(key, context, 50, session=session) == other.predict(key, context, 50, session=session)


def test_reasons_name_what_speaks_for_a_key(model):
    visit(model, "src/a.py src/b.py src/a.py src/b.py src/a.py", session="agent")
    model.record_results(["lib/found.py"], session="agent")
    reasons = {one.key: {signal for signal, _ in one.reasons} for one in model.explain("src/a.py", session="agent")}
    assert Signal.PREDICTED in reasons["src/b.py"]
    assert Signal.LEXICAL in reasons["lib/found.py"]


def test_threads_may_do_everything_at_once(model):
    workers = 6
    ready, failures = Barrier(workers), []

    def work(number):
        ready.wait()
        try:
            for turn in range(150):
                key = f"src/file{(turn * number) % 17}.py"
                model.record_access(key, session=str(number % 3), at=float(turn))
                model.predict_next(key, session=str((number + 1) % 3))
                model.explain(key, session=str(number % 3))
                if turn % 10 == number:
                    model.record_results([key, "src/other.py"], session=str(number % 3))
                    model.rename(key, f"src/file{turn % 17}.py")
        except BaseException as failure:  # noqa: BLE001 - whatever it is, the test must hear of it
            failures.append(failure)

    threads = [Thread(target=work, args=(number,)) for number in range(1, workers + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert 0 < model.transitions <= workers * 150
