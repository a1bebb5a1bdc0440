import pytest

from evals.chat import Turn, chat, figures, prefix_share, questions
from evals.memory_workspace import MemoryWorkspace


def turn(prompt, sent=10, paths=("a.py",)):
    return Turn(prompt, sent, frozenset(paths))


def test_a_chat_begins_with_the_message_and_asks_after_names_in_a_circle():
    asked = questions("Fix the parser", ["parse", "scan"], 4)
    assert asked[0] == "Fix the parser"
    assert ["`parse`" in question for question in asked[1:]] == [True, False, True]
    assert len(questions("Fix it", [], 10)) == 10


def test_the_prefix_is_what_two_prompts_begin_with():
    assert prefix_share([turn("abc"), turn("abcd"), turn("xbcd")]) == pytest.approx((3 / 4 + 0) / 2)
    assert prefix_share([turn("abc")]) == 0.0


def test_what_was_saved_is_told_beside_what_was_found():
    found = figures([turn("a", 30), turn("a", 10)], [turn("a", 40), turn("b", 40, ("a.py", "b.py"))], ["a.py", "b.py"])
    assert found == {"prefix": 1.0, "saved": 0.5, "recall": 0.5, "full recall": 0.75}


async def test_a_remembered_chat_sends_less_and_shows_as_much():
    body = "".join(f"def step_{number}(value):\n    return value + {number}\n\n\n" for number in range(9))
    workspace = MemoryWorkspace({f"part_{number}.py": body for number in range(20)})
    asked = questions("Change step_3", ["step_3", "step_4"], 4)
    remembered = await chat(workspace, asked, 600, remembered=True)
    forgotten = await chat(workspace, asked, 600, remembered=False)
    assert sum(one.sent for one in remembered) < 0.6 * sum(one.sent for one in forgotten)
    assert prefix_share(remembered) > 0.5
    assert all(one.paths for one in remembered)
