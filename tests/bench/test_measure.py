"""How the benchmark measures and reports: in turns, only what answers rightly, and saying where ours is slower."""

import pytest

from bench.measure import LeftOut, Pair, Subject, Terms, Timing, compare
from bench.report import Group, as_markdown, section_of
from bench.workspaces import make_workspace


def recording(calls, name, answer=None):
    async def call(key):
        calls.append((name, key))
        return answer

    return Subject(name, call, expected=answer)


async def test_subjects_make_the_same_calls_in_turns_and_the_order_turns_round():
    calls = []
    pairs = await compare("get", "1", [recording(calls, "ours"), recording(calls, "its")], lambda n: [n, n], rounds=2)
    warm_up, first, second = -1, 0, 1
    assert calls[4:] == [
        *[("its", warm_up), ("its", first), ("its", first), ("ours", warm_up), ("ours", first), ("ours", first)],
        *[("ours", warm_up), ("ours", second), ("ours", second), ("its", warm_up), ("its", second), ("its", second)],
    ]
    assert [(pair.ours, pair.rival) for pair in pairs] == [("ours", "its")]


async def test_what_is_put_off_is_done_after_each_round():
    settled = []
    subject = Subject("ours", lambda _: None, awaited=False, settle=lambda: settled.append(1))
    await compare("get", "1", [subject, subject], lambda _: ["k"], rounds=3)
    assert len(settled) == 2 * (1 + 3)


async def test_one_that_answers_something_else_is_no_rival():
    wrong = Subject("its", lambda _: "something else", awaited=False, expected="v")
    with pytest.raises(RuntimeError, match="its answers 'something else'"):
        await compare("get", "1", [wrong], lambda _: ["k"], rounds=1)


def pair(rival, ratio, why):
    return Pair("get", "1,000", "ours", Timing(1_500, 2e6), rival, Timing(150, 3e9), ratio, Terms("learning", why))


def test_where_ours_is_slower_the_reason_stands():
    rows = [pair("hare", 10.0, "It counts nothing."), pair("tortoise", 0.5, "It never wins.")]
    report = as_markdown({}, [Group("Races", "On sand.", [*rows, LeftOut("the ostrich", "it is not here")])], [])
    assert "| 1,000 | 1.50 µs | 2.00 ms | hare | 150 ns | 3.00 s | **10** | learning |" in report
    assert "hare: 10 (1,000). It counts nothing." in report
    assert "It never wins." not in report
    assert "- the ostrich: it is not here." in report


def test_a_section_of_a_report_ends_where_the_next_one_begins():
    report = "# All\n\n## One\n\n1\n\n## Two\n\n2\n\n### Of two\n\n3\n"
    assert section_of(report, "## One") == "## One\n\n1\n"
    assert section_of(report, "## Two") == "## Two\n\n2\n\n### Of two\n\n3\n"
    assert section_of(report, "## Three") == ""


def test_a_workspace_is_the_same_for_the_same_seed_and_a_repository(tmp_path):
    for name in ("one", "two"):
        make_workspace(tmp_path / name, 30)
    one, two = (
        {
            path.relative_to(root): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file() and ".git" not in path.parts
        }
        for root in (tmp_path / "one", tmp_path / "two")
    )
    assert one == two
    assert len(one) == 30
    assert (tmp_path / "one" / ".git").is_dir()
