"""The definitions of what the code under a cursor uses are in the answer, wherever a name leads."""

import pytest

from evals.memory_workspace import MemoryWorkspace
from magnetar.context.definitions import definitions_used
from magnetar.context.engine import Engine
from magnetar.model import ContextRequest, Position, Signal, Target

FILLER = "\n\n".join(f"def unrelated_{number}(value):\n    return value + {number}" for number in range(60))


async def shown(texts, path, line, budget=600):
    """Path to the lines of the answer to a request with this cursor."""
    workspace = MemoryWorkspace(texts)
    request = ContextRequest(
        document=Target.of(workspace.root / path), position=Position(line, 4), token_budget=budget, deadline_ms=60_000
    )
    answer = await Engine(workspace).context(request)
    assert answer.tokens <= budget
    return {
        item.path.relative_to(workspace.root).as_posix(): (item.content, {reason.signal for reason in item.reasons})
        for item in answer.items
    }


RULES = {
    "a name that is imported": (
        {
            "app.py": "from store import save\n\n\ndef run():\n    save(1)\n",
            "store.py": f"{FILLER}\n\n\ndef save(x):\n    pass\n",
        },
        ("app.py", 4),
        ("store.py", "def save(x):"),
    ),
    "a name that a package only passes on": (
        {
            "app.py": "from shop import save\n\n\ndef run():\n    save(1)\n",
            "shop/__init__.py": "from shop.store import save\n",
            "shop/store.py": f"{FILLER}\n\n\ndef save(x):\n    pass\n",
            "aside/store.py": f"{FILLER}\n\n\ndef save(x):\n    return 0\n",
        },
        ("app.py", 4),
        ("shop/store.py", "def save(x):"),
    ),
    "a name of two letters": (
        {
            "app.py": "from store import db\n\n\ndef run():\n    db.save(1)\n",
            "store.py": f"{FILLER}\n\n\ndb = Database()\n",
        },
        ("app.py", 4),
        ("store.py", "db = Database()"),
    ),
    "what an instance of the same class holds": (
        {
            "app.py": "class Shop:\n    def __init__(self):\n        self.shelf = []\n\n"
            + "\n".join(f"    def unrelated_{n}(self, value):\n        return value * {n}\n" for n in range(60))
            + "    def run(self):\n        return self.shelf\n"
        },
        ("app.py", 185),
        ("app.py", "self.shelf = []"),
    ),
    "what an instance of an imported base class holds": (
        {
            "app.py": "from base import Base\n\n\nclass Shop(Base):\n    def run(self):\n        return self.shelf\n",
            "base.py": f"{FILLER}\n\n\nclass Base:\n    def __init__(self):\n        self.shelf = []\n",
        },
        ("app.py", 5),
        ("base.py", "self.shelf = []"),
    ),
    "what the function around it declares": (
        {
            "app.ts": "describe('a', () => {\n  const shelf = [1]\n"
            + "".join(f"  function unrelated{n}(value: number) {{\n    return value * {n}\n  }}\n" for n in range(60))
            + "  function run() {\n    return shelf\n  }\n})\n"
        },
        ("app.ts", 183),
        ("app.ts", "const shelf = [1]"),
    ),
    "a private method": (
        {
            "app.ts": "class Shop {\n  #restock() {\n    return 1\n  }\n"
            + "".join(f"  unrelated{n}(value: number) {{\n    return value * {n}\n  }}\n" for n in range(60))
            + "  run() {\n    return this.#restock()\n  }\n}\n"
        },
        ("app.ts", 185),
        ("app.ts", "#restock() {"),
    ),
}


@pytest.mark.parametrize("rule", RULES)
async def test_the_definition_is_there_for(rule):
    texts, cursor, (path, line) = RULES[rule]
    answer = await shown(texts, *cursor)
    assert line in answer[path][0]


async def test_a_definition_is_there_because_it_is_one():
    texts, cursor, (path, _) = RULES["a name that is imported"]
    assert Signal.DEFINITION in (await shown(texts, *cursor))[path][1]


async def test_an_excluded_file_says_what_matters_and_is_not_shown():
    texts, (path, line), (other, _) = RULES["a name that is imported"]
    workspace = MemoryWorkspace(texts)
    request = ContextRequest(
        document=Target.of(workspace.root / path),
        position=Position(line, 4),
        exclude=(Target.of(workspace.root / other),),
        deadline_ms=60_000,
    )
    answer = await Engine(workspace).context(request)
    assert [item.path.name for item in answer.items] == ["app.py"]


async def test_of_a_selected_file_only_so_many_names_are_looked_up():
    """Thousands of names would hold up every other request."""
    text = "".join(f"value_{number} = other_{number}.field_{number}\n" for number in range(4_000))
    workspace = MemoryWorkspace({"app.py": text})
    asked = []
    defining = workspace.defining

    async def counting(names):
        asked.extend(names)
        return await defining(names)

    workspace.defining = counting
    facts = await workspace.facts(["app.py"])
    needed = await definitions_used(workspace, "app.py", facts["app.py"], text)
    assert len(asked) == 400
    assert sum(map(len, (*needed.defined.values(), *needed.attributes.values()))) <= 800
