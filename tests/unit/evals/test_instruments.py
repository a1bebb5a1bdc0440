import pytest

from evals.instruments import VARIABLE, InstrumentsMissing, instrument, json_rows, measure


@pytest.fixture
def shared(tmp_path, monkeypatch):
    (tmp_path / "evals").mkdir()
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


def test_an_instrument_is_run_where_it_lies(shared):
    (shared / "evals" / "say.py").write_text("import json, sys; print('ready'); print(json.dumps(sys.argv[1:]))")
    assert instrument("say.py") == shared / "evals" / "say.py"
    assert measure("say.py", ["a", "b c"]) == 'ready\n["a", "b c"]\n'


def test_an_instrument_that_is_missing_says_where_it_was_looked_for_and_what_to_set(shared):
    with pytest.raises(InstrumentsMissing) as missing:
        instrument("nowhere.py")
    assert str(shared / "evals" / "nowhere.py") in str(missing.value)
    assert VARIABLE in str(missing.value)


def test_without_the_variable_the_folder_beside_the_repository_is_tried(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(InstrumentsMissing, match="is not set"):
        instrument("nowhere.py")


def test_only_lines_of_json_are_rows():
    assert json_rows('{"hit": 1}\nMEAN hit=1\n{"hit": 2}\n') == [{"hit": 1}, {"hit": 2}]
