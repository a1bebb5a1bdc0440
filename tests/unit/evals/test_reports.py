"""What the evaluations make of the instruments' figures."""

import pytest

from evals.context import language_of, loss_table, score_table
from evals.prediction import prediction_table
from evals.tables import markdown, mean


def row(repo, language, mode, recall, lines, sha="1"):
    return {"repo": repo, "language": language, "mode": mode, "recall": recall, "lines": lines, "sha": sha}


def cells(table):
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()]


def test_a_mean_passes_over_what_was_not_measured():
    assert mean([{"lines": 1.0}, {"lines": None}, {"lines": 0.5}], "lines") == pytest.approx(0.75)
    assert mean([], "lines") == 0.0


def test_a_table_aligns_numbers_to_the_right():
    assert markdown(["name", "n"], [("a", 1)]) == "| name | n |\n| --- | --: |\n| a | 1 |\n"


def test_scores_are_told_by_repository_by_language_and_of_all():
    rows = [
        row("flask", "Python", "f", 1.0, 0.5),
        row("flask", "Python", "q", 0.5, None),
        row("gin", "Go", "f", 0.0, 0.0, "2"),
    ]
    assert cells(score_table(rows))[2:] == [
        ["flask", "1", "1.000", "0.500", "0.500", "0.000"],
        ["gin", "1", "0.000", "0.000", "", ""],
        ["Go", "1", "0.000", "0.000", "", ""],
        ["Python", "1", "1.000", "0.500", "0.500", "0.000"],
        ["all", "2", "0.500", "0.250", "0.500", "0.000"],
    ]


def test_the_dearest_signal_stands_first_among_the_losses():
    full = [row("a", "Go", "f", 1.0, 0.8), row("a", "Go", "q", 1.0, 0.6)]
    mild = [row("a", "Go", "f", 1.0, 0.7), row("a", "Go", "q", 1.0, 0.6)]
    dear = [row("a", "Go", "f", 0.5, 0.4), row("a", "Go", "q", 1.0, 0.6)]
    assert cells(loss_table(full, {"path": mild, "lexical": dear}))[2:] == [
        ["without lexical", "-0.500", "-0.400", "-0.000", "-0.000"],
        ["without path", "-0.000", "-0.100", "-0.000", "-0.000"],
    ]


@pytest.mark.parametrize(
    ("paths", "language"),
    [(["a.ts", "b.tsx", "c.js"], "TypeScript"), (["a.mjs"], "JavaScript"), (["Makefile", "b.zig"], "others")],
)
def test_a_task_is_in_the_language_of_most_of_its_files(paths, language):
    assert language_of({"gold": dict.fromkeys(paths)}) == language


def test_predictions_are_compared_with_the_first_system():
    def figures(hit):
        return [{"trace": "t", "n": 10.0, "hit5": hit, "predict_us_p50": 0.5, "access_us_p50": 90.0}]

    table = prediction_table({"markov1": figures(20.0), "mru": figures(10.0), "magnetar": figures(50.0)}, 5)
    assert cells(table)[2] == ["t", "10", "20.0", "10.0", "50.0", "2.50 times", "0.5", "90"]
