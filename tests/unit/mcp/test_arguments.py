"""What the tools take: short schemas that say everything, and complaints that a model can act on."""

import json

import pytest

from magnetar.errors import InvalidArguments
from magnetar.mcp.arguments import (
    ContextArguments,
    PredictArguments,
    SearchArguments,
    SymbolsArguments,
    read,
    schema_of,
)
from magnetar.mcp.tools import TOOLS


def test_every_argument_is_described_and_bounded():
    for kind in TOOLS.values():
        schema = schema_of(kind.arguments)
        assert schema["type"] == "object"
        assert schema["additionalProperties"] is False
        for name, field in schema["properties"].items():
            assert field["description"].endswith("."), name
            assert field["type"] in {"string", "integer", "array"}, name
            assert field["type"] != "integer" or field["minimum"] == 1, name


def test_what_a_model_is_shown_stays_short():
    shown = json.dumps([kind.listed(name).model_dump(exclude_none=True) for name, kind in TOOLS.items()])
    assert "title" not in json.dumps(schema_of(ContextArguments))
    assert "null" not in shown
    assert len(shown) < 8_000  # about two thousand tokens, which every conversation pays


def test_required_is_what_nothing_works_without():
    required = {name: schema_of(kind.arguments).get("required") for name, kind in TOOLS.items()}
    assert required == {
        "magnetar_context": None,
        "magnetar_search": ["query"],
        "magnetar_symbols": None,
        "magnetar_predict": ["file"],
    }


def test_names_are_those_of_the_protocol():
    arguments = read(ContextArguments, {"query": "x", "tokenBudget": 5, "maxItems": 2, "mustInclude": ["a.py"]})
    assert (arguments.token_budget, arguments.max_items, arguments.must_include) == (5, 2, ("a.py",))
    assert read(PredictArguments, {"file": "a.py"}).top_k == 5


@pytest.mark.parametrize(
    ("kind", "raw", "said"),
    [
        (SearchArguments, None, r"query: it must be given\. The arguments are: query, limit, folder"),
        (SearchArguments, {"query": ""}, "query: .*at least 1"),
        (SearchArguments, {"query": "x", "limit": 0}, "limit: .*greater than or equal to 1"),
        (SearchArguments, {"query": "x", "limit": 201}, "limit: .*less than or equal to 200"),
        (SearchArguments, {"query": 3}, "query: .*valid string"),
        (SearchArguments, {"query": "x", "lines": 3}, "lines: there is no such argument"),
        (ContextArguments, {}, "give a query, a file, or both"),
        (ContextArguments, {"query": "x", "line": 3}, "a line needs the file"),
        (ContextArguments, {"query": "x", "token_budget": 3}, "token_budget: there is no such argument.*tokenBudget"),
        (
            ContextArguments,
            {"query": "x", "include": ["files"]},
            r"include\.0: .*'file', 'outline', 'symbol' or 'snippet'",
        ),
        (ContextArguments, {"query": "x", "tokenBudget": "many"}, "tokenBudget: .*valid integer"),
        (SymbolsArguments, {}, "give a query, a file, or both"),
    ],
)
def test_a_complaint_names_the_argument_and_what_it_must_be(kind, raw, said):
    with pytest.raises(InvalidArguments, match=f"(?s){said}"):
        read(kind, raw)


def test_a_complaint_repeats_nothing_of_what_was_sent():
    with pytest.raises(InvalidArguments) as error:
        read(SearchArguments, {"query": ["hunter2hunter2"]})
    assert "hunter2" not in str(error.value)
