"""How answers read."""

from pathlib import Path

from magnetar.mcp import answers
from magnetar.mcp.places import Places
from magnetar.model import (
    ContextAnswer,
    Dropped,
    DropReason,
    IndexState,
    IndexStatus,
    Item,
    ItemKind,
    Position,
    Prediction,
    Range,
    Reason,
    SearchHit,
    Signal,
    Symbol,
    SymbolHit,
    SymbolKind,
    Target,
)

ROOT = Path("/home/me/shop")
PLACES = Places([ROOT])


def lines(start, end, column=0):
    return Range(Position(start, 0), Position(end, column))


def item(name="cart.py", kind=ItemKind.SNIPPET):
    return Item(
        path=ROOT / name,
        kind=kind,
        language="python",
        ranges=(lines(3, 5), lines(9, 9, 4)),
        content="a = 1\nb = 2\n⋯\nc = 3",
        symbols=(),
        tokens=20,
        score=0.5,
        reasons=(Reason(Signal.LEXICAL, 0.75, "cart"), Reason(Signal.FOCUS, 0.25)),
        from_buffer=False,
        version=None,
        mtime=0.0,
        sha256="0" * 64,
        cached=True,
        lines=(),
    )


def answer(*items, dropped=(), state=IndexState.READY, late=()):
    return ContextAnswer(
        items=items,
        tokens=sum(one.tokens for one in items),
        token_budget=1_000,
        held_tokens=0,
        removed=(),
        dropped=tuple(dropped),
        late_sources=late,
        index=IndexStatus(state, 2_000, 120),
        hits=0,
        misses=0,
        elapsed_ms=1.0,
    )


def dropped(name, reason):
    return Dropped(Target.of(ROOT / name), reason, 0.5)


def test_pieces_are_markdown_with_paths_of_the_workspace():
    text = answers.context_text(answer(item()), PLACES)
    assert text.startswith("## cart.py (4-5, 10)\n\n```python\na = 1\n")
    two = Places([ROOT, Path("/home/me/api")])
    assert answers.context_text(answer(item()), two).startswith("## shop/cart.py (4-5, 10)\n")


def test_an_answer_without_pieces_says_what_to_do():
    assert "Try other words" in answers.context_text(answer(), PLACES)


def test_the_note_says_what_is_missing_and_why():
    note = answers.context_note(
        answer(
            item(),
            dropped=[
                *(dropped(f"{number}.py", DropReason.BUDGET) for number in range(10)),
                dropped(".env", DropReason.SECRET),
                dropped("known.py", DropReason.EXCLUDED),
            ],
            late=("lexical",),
            state=IndexState.WARMING,
        ),
        PLACES,
    )
    assert note.splitlines()[0] == "1 file, 20 of 1,000 tokens with their headings."
    assert "No room for: 0.py, 1.py, 2.py, 3.py, 4.py, 5.py, 6.py, 7.py and 2 more. Raise tokenBudget" in note
    assert "Not given: .env, for files that may hold secrets are never served" in note
    assert "known.py" not in note
    assert "Not heard in time: lexical." in note
    assert answers.STILL_READING in note


def test_a_full_answer_needs_one_line():
    assert answers.context_note(answer(item()), PLACES).count("\n") == 0


def test_the_ledger_explains_every_piece():
    (row,) = answers.context_ledger(answer(item()), PLACES)["items"]
    assert row == {
        "path": "cart.py",
        "kind": "snippet",
        "lines": [[4, 5], [10, 10]],
        "tokens": 20,
        "score": 0.5,
        "reasons": [{"signal": "lexical", "weight": 0.75, "detail": "cart"}, {"signal": "focus", "weight": 0.25}],
        "sha256": "0" * 64,
    }


def test_places_read_as_grep_prints_them_and_are_data_too():
    hits = [SearchHit(ROOT / "a.py", lines(6, 6, 9), 0.9, "total  =\t1", (Signal.LEXICAL,), ())]
    result = answers.search_result(hits, PLACES)
    assert answers.search_text(result) == "a.py:7: total = 1"
    assert result.data() == {"hits": [{"path": "a.py", "line": 7, "score": 0.9, "preview": "total  =\t1"}]}
    assert "Try fewer or other words" in answers.search_text(answers.search_result([], PLACES))


def symbol(name, start, end, container=None):
    return Symbol(name, SymbolKind.METHOD, lines(start, end), lines(start, start, 3), container)


def test_symbols_read_with_their_place_and_what_they_are_in():
    hit = SymbolHit(ROOT / "a.py", symbol("add", 2, 5, "Cart"), "def add()", "", ())
    result = answers.symbols_result([hit], PLACES)
    assert answers.symbols_text(result) == "a.py:3-5: def add()  (in Cart)"
    assert result.data()["symbols"][0] == {
        "name": "add",
        "kind": "method",
        "container": "Cart",
        "path": "a.py",
        "line": 3,
        "endLine": 5,
        "signature": "def add()",
    }


def test_predictions_read_with_their_chance_and_their_reasons():
    found = [Prediction(ROOT / "a.py", 0.41, (Reason(Signal.COCHANGE, 0.7), Reason(Signal.PATH, 0.3)))]
    assert answers.predict_text(answers.predict_result(found, PLACES)) == "41% a.py (cochange, path)"
    assert "magnetar_context" in answers.predict_text(answers.predict_result([], PLACES))


def test_an_outline_is_nested():
    outline = answers.outline_text(
        "a.py", [(symbol("Cart", 0, 9), "class Cart"), (symbol("add", 2, 5, "Cart"), "")], 1_234
    )
    assert outline == "# a.py (1,234 lines)\n\n- class Cart  (1-9)\n  - add  (3-5)\n"
    assert "defines nothing" in answers.outline_text("x.txt", [], 1)


def test_a_name_with_a_line_break_stays_on_its_line():
    hits = [SearchHit(ROOT / "a\n## b.py", lines(0, 0, 1), 0.9, "x", (Signal.LEXICAL,), ())]
    assert answers.search_text(answers.search_result(hits, PLACES)).count("\n") == 0
