import json

from evals.caching import Access, cold_hits, read_accesses


def line(session, *steps, **more):
    return json.dumps(
        {"session_id": session, "seq": [path for _, path in steps], "ts": [at for at, _ in steps], **more}
    )


def test_sessions_are_merged_in_time_and_immediate_repeats_dropped():
    trace = [line("a", (1, "x"), (4, "x"), (5, "y"), op="rer"), line("b", (2, "x"), (3, "z"))]
    assert read_accesses(trace) == [
        Access(1, "a", "x", False, ()),
        Access(2, "b", "x", True, ()),
        Access(3, "b", "z", True, ()),
        Access(5, "a", "y", False, ()),
    ]


def test_a_search_is_known_from_its_time_on():
    (first, second) = read_accesses([line("a", (1, "x"), (3, "y"), search=[[2, ["y", "z"]]])])
    assert first.shown == ()
    assert second.shown == (("y", "z"),)


def visits(session, *paths):
    return [Access(float(at), session, path, False, ()) for at, path in enumerate(paths)]


def test_a_cold_session_hits_only_what_it_saw():
    assert cold_hits(visits("a", "x", "y", "x"), warm=0) == (100 / 3, 0.0)


def test_a_warm_session_knows_what_those_before_it_used():
    accesses = [*visits("a", "x", "y", "x"), *visits("b", "y", "z")]
    hits, loads = cold_hits(accesses, warm=1)
    assert hits in (20.0, 40.0)  # one of two files is warm
    assert loads == 1 / 5
    assert cold_hits(accesses, warm=50) == (40.0, 2 / 5)


def test_prefetching_loads_what_is_likely_and_not_there():
    habit = visits("a", *["x", "y"] * 20)
    hits, loads = cold_hits([*habit, *visits("b", "x", "y")], warm=0, prefetched=5, least=0.05)
    assert hits > cold_hits([*habit, *visits("b", "x", "y")], warm=0)[0]
    assert 0 < loads <= 1
