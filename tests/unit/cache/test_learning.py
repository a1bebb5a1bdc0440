"""Accesses reach the model in order, contexts stay apart, and a prediction is right at most once."""

import pytest

from magnetar.cache.learning import LONG, Learner


class Model:
    """Records what it learns, and predicts what the test says."""

    def __init__(self):
        self.learned = []
        self.next = []

    def record_access(self, key, context=None):
        self.learned.append((key, context))

    def predict_next(self, _key, _context, top_k):
        return self.next[:top_k]


@pytest.fixture
def learner():
    return Learner(Model())


def access(learner, *keys, context=None):
    learner.queue.extend((key, context) for key in keys)
    learner.fold()


def predict(learner, key, *following, context=None):
    learner._model.next = list(following)
    return learner.predict_next(key, context, 5)


def test_a_prediction_knows_every_access_before_it(learner):
    learner.queue.extend([("a", None), ("b", "ws")])
    predict(learner, "b", "c")
    assert learner._model.learned == [("a", None), ("b", "ws")]
    assert learner.model is learner._model


def test_a_long_queue_is_folded_in_portions(learner):
    learner.queue.extend(("k", None) for _ in range(LONG))
    assert learner.fold_portion()
    assert 0 < len(learner._model.learned) < LONG / 4
    learner.fold()
    assert not learner.fold_portion()


@pytest.mark.parametrize(
    ("accessed", "correct"),
    [
        (["b"], 1),
        (["a", "b"], 1),  # the key itself again is no different access
        (["b", "c"], 1),  # only the next one counts
        (["x", "b"], 0),
        (["b", "a", "b"], 1),
        ([], 0),
    ],
)
def test_a_predicted_key_that_is_the_next_different_access_counts_once(learner, accessed, correct):
    access(learner, "a")
    assert predict(learner, "a", "b", "c") == ["b", "c"]
    access(learner, *accessed)
    assert (learner.predictions, learner.correct_predictions) == (2, correct)


def test_an_access_in_another_context_proves_nothing(learner):
    predict(learner, "a", "b", context="one")
    access(learner, "b", context="two")
    assert learner.correct_predictions == 0
    access(learner, "b", context="one")
    assert learner.correct_predictions == 1


def test_two_predictions_of_one_key_are_right_once(learner):
    predict(learner, "a", "b")
    predict(learner, "z", "b")
    predict(learner, "a", "b")
    access(learner, "b", "b")
    assert (learner.predictions, learner.correct_predictions) == (3, 1)


def test_open_predictions_are_bounded(learner):
    for number in range(1_000):
        predict(learner, str(number), "x")
        predict(learner, "a", "x", context=str(number))
    assert len(learner._open) <= 256
    assert len(learner._open.get(None, {})) <= 64
