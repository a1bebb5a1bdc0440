"""The regressions behind the weights find what made their data."""

import numpy as np
import pytest

from evals.train import logistic, mean_of, poisson


@pytest.fixture
def values():
    return np.random.default_rng(1).normal(size=(4_000, 3))


def test_logistic_regression_finds_the_odds(values):
    odds = values @ [1.0, -2.0, 0.0] - 0.5
    labels = (np.random.default_rng(2).random(len(odds)) < 1 / (1 + np.exp(-odds))).astype(float)
    assert logistic(values, labels) == pytest.approx([1.0, -2.0, 0.0, -0.5], abs=0.2)


def test_poisson_regression_finds_the_shares(values):
    shares = np.exp(values @ [0.3, 0.0, -0.5] - 2.0)
    assert poisson(values, shares) == pytest.approx([0.3, 0.0, -0.5, -2.0], abs=0.02)


def test_the_mean_of_two_fits_lies_between_them():
    assert mean_of({"bm": 1.0, "co": 2.0}, {"bm": 3.0}) == {"bm": 2.0, "co": 1.0}
