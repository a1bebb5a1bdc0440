"""The second look: pieces beside the others of their file, files by their pieces."""

import numpy as np
import pytest

from magnetar.context.ranking import Ranked
from magnetar.context.second_look import OF_BEST_PIECE, Layers, beside_others, by_pieces

NAMES = "test ln nohist near fsg bmg h1 h2 h3 h4 fref fdef dfq rfq".split()


@pytest.fixture
def layers():
    """Two files of three and two pieces, and one without any between them."""
    return Layers(np.array([0, 3, 3, 5]), np.array([10.0, 20.0, 30.0, 40.0, 50.0]))


@pytest.fixture
def table():
    return {name: np.zeros(5) for name in NAMES} | {"fsg": np.array([0.1, 0.9, 0.2, 0.3, 0.4])}


def test_a_piece_is_seen_beside_its_neighbours_of_the_same_file_alone(layers, table):
    found = beside_others(np.array([0.5, 0.1, 0.2, 0.9, 0.3]), layers, table)
    likelier = np.exp(found["likelier"])
    assert likelier == pytest.approx([0.1, 0.5, 0.1, 0.3, 0.9], abs=1e-3)
    assert np.exp(found["unlikelier"][[0, 2, 3, 4]]) == pytest.approx(
        0.0, abs=1e-3
    )  # nothing stands beyond a file's end
    assert np.exp(found["unlikelier"][1]) == pytest.approx(0.2, abs=1e-3)


def test_a_piece_is_seen_beside_the_best_of_its_file(layers, table):
    found = beside_others(np.array([0.5, 0.1, 0.2, 0.9, 0.3]), layers, table)
    assert found["rank"].tolist() == [1.0, 1 / 3, 1 / 2, 1.0, 1 / 2]
    assert found["below"][[0, 3]].tolist() == [0.0, 0.0]
    assert (found["below"][[1, 2, 4]] < 0).all()
    assert np.exp(found["total"]) == pytest.approx([0.8, 0.8, 0.8, 1.2, 1.2], abs=1e-3)


def test_a_file_is_known_by_its_best_piece_and_by_all_of_them(layers, table):
    found = by_pieces(np.array([0.5, 0.1, 0.2, 0.9, 0.3]), layers, table)
    assert np.exp(found["highest"]) == pytest.approx([0.5, 0.0, 0.9], abs=1e-3)
    assert np.exp(found["sum"]) == pytest.approx([0.8, 0.0, 1.2], abs=1e-3)
    assert found[OF_BEST_PIECE + "fsg"].tolist() == [0.9, 0.0, 0.4]


def test_files_that_were_not_opened_stay_in_their_order_behind_the_others():
    ranked = Ranked(np.array([3.0, 1.0, 2.0, 0.0]), np.zeros((4, 1)))
    anew = ranked.with_first(np.array([1, 3]), Ranked(np.array([-1.0, 0.5]), np.ones((2, 1))))
    assert np.argsort(-anew.scores, kind="stable").tolist()[-2:] == [0, 2]
    assert anew.scores[[1, 3]].tolist() == [-1.0, 0.5]
    assert anew.contributions.ravel().tolist() == [0.0, 1.0, 0.0, 1.0]
    assert ranked.scores.tolist() == [3.0, 1.0, 2.0, 0.0]  # the ranking before is as it was
