import time

import pytest

from magnetar.context.question import Question, name_term


def test_the_first_line_of_a_query_weighs_double():
    terms = Question.of("the render breaks\n\nin the window").terms
    assert terms["render"] == 2.0
    assert terms["window"] == 1.0


def test_words_that_look_like_identifiers_are_surer_names_than_prose():
    names = Question.of("call load_config or `render` when the window opens").names
    assert names["load_config"] == names["render"] == 1.0
    assert names["window"] < 1.0


def test_file_names_in_a_query_are_read_with_their_paths():
    question = Question.of("look at src/app/main.py and README.md")
    assert "src/app/main.py" in question.spelled_paths
    assert {"main", "readme"} <= set(question.file_stems)


def test_a_name_is_known_by_its_exact_term_or_by_its_stem():
    assert name_term("load_config") == "=load_config"
    assert name_term("render") == "render"


def test_an_empty_query_asks_for_nothing():
    question = Question.of("")
    assert not question.terms
    assert not question.names
    assert not question.file_stems


@pytest.mark.parametrize("word", ["x", ".", "/", "x.", "x/", "a.//", "+./"])
def test_a_long_word_in_a_query_takes_no_long(word):
    started = time.process_time()
    assert len(Question.of(word * 20_000).spelled_paths) <= 20_000
    assert time.process_time() - started < 3
