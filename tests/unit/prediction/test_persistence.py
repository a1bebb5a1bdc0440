"""A model survives as a file, and a bad file changes nothing."""

import json
import pickle
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magnetar import PredictionModel
from magnetar.errors import ModelFileError, OutdatedModelFile

names = st.sampled_from(["a", "b", "src/a.py", "src/b.py", "\ud800", "ключ", ""])
moves = st.lists(st.tuples(names, st.sampled_from([None, "", "one"]), st.floats(0, 100)), min_size=1, max_size=40)


@pytest.fixture
def model():
    model = PredictionModel()
    model.seed_cochange([("src/a.py", "docs/a.md", 2.0)])
    model.record_results(["src/c.py", "src/b.py"], session="agent")
    for number, key in enumerate(["src/a.py", "src/b.py", "src/c.py"] * 6):
        model.record_access(key, session="agent", at=number / 2, kind="edit" if number % 3 else "open")
    return model


@settings(deadline=None)
@given(moves, st.lists(names, max_size=4))
def test_a_loaded_model_predicts_and_learns_identically(tmp_path_factory, moves, shown):
    path = tmp_path_factory.mktemp("model") / "model.json"
    model, loaded = PredictionModel(), PredictionModel()
    half = len(moves) // 2
    for key, session, at in moves[:half]:
        model.record_access(key, session=session, at=at)
    model.record_results(shown, session="one")
    model.seed_cochange([("a", "b", 1.0)])
    model.rename("a", "b")
    model.save(path)
    loaded.load(path)
    for key, session, at in moves[half:]:
        for name in (key, "b", "never seen"):
            assert loaded.predict(name, top_k=60, session=session) == model.predict(name, top_k=60, session=session)
        model.record_access(key, session=session, at=at)
        loaded.record_access(key, session=session, at=at)
    assert loaded.statistics() == model.statistics()
    assert loaded.seeded == model.seeded


def test_saving_replaces_a_file_in_one_step_and_leaves_nothing_beside_it(model, tmp_path):
    path = tmp_path / "model.json"
    path.write_text("what was there")
    model.save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["model.json"]
    assert json.loads(path.read_bytes())["version"] == 1


@pytest.mark.parametrize("version", [0, -1])
def test_a_model_of_an_older_version_says_so_and_changes_nothing(model, tmp_path, version):
    path = tmp_path / "model.json"
    model.save(path)
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "version": version}))
    before = model.predict("src/a.py")
    with pytest.raises(OutdatedModelFile, match=r"model\.json is of an older version"):
        model.load(path)
    assert model.predict("src/a.py") == before


def test_what_cannot_be_written_is_told_and_leaves_the_old_file(model, tmp_path):
    with pytest.raises(ModelFileError, match="cannot be written"):
        model.save(tmp_path / "missing" / "model.json")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ModelFileError, match="cannot be written"):
        model.save(tmp_path / "folder")
    assert [file.name for file in tmp_path.iterdir()] == ["folder"]


def test_a_missing_file_is_told(model, tmp_path):
    with pytest.raises(ModelFileError, match="cannot be read"):
        model.load(tmp_path / "missing.json")


class Armed:
    def __reduce__(self):
        return (sys.exit, ("a pickle was run",))


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_are_refused_by_name(model, tmp_path, protocol):
    path = tmp_path / "model.json"
    path.write_bytes(pickle.dumps(Armed(), protocol))
    with pytest.raises(ModelFileError, match="pickle"):
        model.load(path)


def spoil(document, *where, value):
    for step in where[:-1]:
        document = document[step]
    document[where[-1]] = value


CONTEXT = ("contexts", 0, 1)
SPOILED = {
    "another version": (("version",), 2),
    "another format": (("format",), "something else"),
    "contexts that are no list": (("contexts",), {}),
    "a context that is no pair": (("contexts", 0), [None]),
    "a count that is a text": ((*CONTEXT, "knowledge", "tick"), "3"),
    "a count that is true": ((*CONTEXT, "knowledge", "tick"), True),
    "a weight that is missing": ((*CONTEXT, "ranker", "weights"), [[0.0]]),
    "a weight that is no number": ((*CONTEXT, "ranker", "weights", 0, 0), float("nan")),
    "a negative weight between keys": ((*CONTEXT, "knowledge", "near", "rows", "src/a.py"), {"b": -1.0}),
    "a document from the future": ((*CONTEXT, "knowledge", "tick"), 0),
    "a session without fields": ((*CONTEXT, "sessions", 0, 1), {}),
    "a scale that is zero": ((*CONTEXT, "sessions", 0, 1, "near", "scale"), 0.0),
    "a negative length": ((*CONTEXT, "sessions", 0, 1, "length"), -5),
    "a field too many": ((*CONTEXT, "surprise"), 1),
}


@pytest.mark.parametrize("fault", SPOILED)
def test_a_file_with_a_fault_is_refused_and_the_model_is_as_it_was(model, tmp_path, fault):
    path = tmp_path / "model.json"
    model.save(path)
    before = model.predict("src/a.py", top_k=20)
    document = json.loads(path.read_bytes())
    where, value = SPOILED[fault]
    spoil(document, *where, value=value)
    path.write_text(json.dumps(document))
    with pytest.raises(ModelFileError, match="not a prediction model"):
        model.load(path)
    assert model.predict("src/a.py", top_k=20) == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b"1e999"])
def test_a_file_that_is_something_else_is_refused(model, tmp_path, content):
    path = tmp_path / "model.json"
    path.write_bytes(content)
    before = model.predict("src/a.py", top_k=20)
    with pytest.raises(ModelFileError, match="not a prediction model"):
        model.load(path)
    assert model.predict("src/a.py", top_k=20) == before


def test_a_file_cut_anywhere_is_refused(model, tmp_path):
    path = tmp_path / "model.json"
    model.save(path)
    content = path.read_bytes()
    for length in range(0, len(content), max(1, len(content) // 50)):
        path.write_bytes(content[:length])
        with pytest.raises(ModelFileError):
            PredictionModel().load(path)
