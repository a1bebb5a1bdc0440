"""What an agent gets from `magnetar mcp`: answers from a real workspace, and nothing that it should not see."""

import anyio
import pytest
from mcp import MCPError
from mcp.types import ListRootsResult, Root

from agents.agent import agent, read, refused, text_of
from agents.conftest import FILES, TOKEN
from magnetar.symbols.tokens import count_tokens


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_an_agent_asks_reads_and_is_answered(root, cache, mode):
    progress = []

    async def hear(done, total, message):
        progress.append((done, total, message))

    async with agent(cache, root, mode=mode) as client:
        answer = await client.call_tool(
            "magnetar_context", {"query": "how is the grand_total of a Cart made?"}, progress_callback=hear
        )
        assert "## shop/cart.py\n\n```python\n" in text_of(answer)
        assert FILES["shop/cart.py"] in text_of(answer)
        ledger = answer.meta["magnetar/ledger"]
        assert {row["path"] for row in ledger["items"]} >= {"shop/cart.py", "shop/prices.py"}
        assert all(row["reasons"] for row in ledger["items"])

        found = await client.call_tool("magnetar_search", {"query": "price_of", "limit": 2})
        assert len(found.structured_content["hits"]) == 2
        first = found.structured_content["hits"][0]
        assert f"{first['path']}:{first['line']}: " in text_of(found)
        assert first["preview"] in FILES[first["path"]].splitlines()[first["line"] - 1]

        symbols = await client.call_tool("magnetar_symbols", {"query": "grand"})
        assert symbols.structured_content["symbols"] == [
            {
                "name": "grand_total",
                "kind": "method",
                "container": "Cart",
                "path": "shop/cart.py",
                "line": 10,
                "endLine": 11,
                "signature": "def grand_total(self)",
            }
        ]
        assert text_of(symbols) == "shop/cart.py:10-11: def grand_total(self)  (in Cart)"
        assert "class Cart" in text_of(await client.call_tool("magnetar_symbols", {"file": "shop/cart.py"}))

        assert await read(client, "shop/prices.py") == FILES["shop/prices.py"]
        assert await read(client, "notes%20about%20prices%20%231.md") == FILES["notes about prices #1.md"]
        assert "- def price_of(article)  (4-6)" in await read(client, "shop/prices.py", "outline")

        for name in ("shop/cart.py", "shop/prices.py") * 4:
            await read(client, name)
        likely = await client.call_tool("magnetar_predict", {"file": "shop/cart.py"})
        assert likely.structured_content["predictions"][0]["path"] == "shop/prices.py"
        assert "shop/prices.py" in text_of(likely)
    assert progress
    assert all(done <= total for done, total, _ in progress)


async def test_the_text_of_an_answer_never_takes_more_than_the_budget(root, cache):
    async with agent(cache, root) as client:
        for budget in (60, 100, 200):
            arguments = {"query": "grand_total of a Cart", "tokenBudget": budget}
            answer = await client.call_tool("magnetar_context", arguments)
            assert count_tokens(answer.content[0].text) <= budget
            assert "No room for" in answer.content[1].text


async def test_nothing_that_must_not_be_seen_leaves_through_any_door(root, cache):
    hidden = {
        ".env": "never served",
        "build/generated.py": "ignore rules",
        "logo.png": "not text",
        "way_out.py": "outside the workspace",
        "way_in.py": "never served",
        "../outside.py": "outside the workspace",
        "/etc/hostname": "outside the workspace",
        "nothing.py": "no such file",
    }
    everything = [name for name in FILES if name != ".gitignore"]
    async with agent(cache, root) as client:
        said = []
        for name, reason in hidden.items():
            for kind in ("file", "outline"):
                with pytest.raises(MCPError) as error:
                    await read(client, name, kind)
                assert reason in error.value.message
                said.append(error.value.message)
            assert reason in await refused(client, "magnetar_symbols", file=name)
            assert reason in await refused(client, "magnetar_predict", file=name)
        listed = await client.list_resources()
        assert {row.name for row in listed.resources}.isdisjoint(hidden)
        answer = await client.call_tool("magnetar_context", {"query": "TOKEN PASSWORD", "mustInclude": everything})
        assert "Not given: .env, for files that may hold secrets" in text_of(answer)
        assert "Not given: build/generated.py" in text_of(answer)
        await client.call_tool("magnetar_context", {"file": ".env", "query": "PASSWORD"})
        for tool, arguments in (
            ("magnetar_search", {"query": "TOKEN PASSWORD hunter2hunter2 private_matter"}),
            ("magnetar_symbols", {"query": "TOKEN"}),
        ):
            answer.content += (await client.call_tool(tool, arguments)).content
        said += [text_of(answer), await read(client, "shop/deploy.py"), await read(client, "shop/deploy.py", "outline")]
    for text in said:
        assert TOKEN not in text
        assert "hunter2hunter2" not in text.replace("TOKEN PASSWORD hunter2hunter2", "")
        assert "private_matter =" not in text
        assert str(root) not in text
    assert TOKEN not in cache.with_suffix(".log").read_text("utf-8")


async def test_what_is_read_is_what_is_on_disk_now(root, cache):
    async with agent(cache, root) as client:
        await read(client, "shop/prices.py")
        (root / "shop/prices.py").write_text("def price_of(article):\n    return 1\n")
        assert await read(client, "shop/prices.py") == "def price_of(article):\n    return 1\n"
        answer = await client.call_tool("magnetar_context", {"query": "price_of", "mustInclude": ["shop/prices.py"]})
        assert "return 1" in text_of(answer)
        assert "PRICES[article]" not in text_of(answer)


async def test_an_agent_that_gives_up_waiting_can_go_on_asking(root, cache):
    for number in range(400):
        (root / f"module_{number}.py").write_text(f"def turn_wheel_{number}():\n    return {number}\n")
    warming = anyio.Event()

    async def hear(_done, _total, _message):
        warming.set()

    async with agent(cache, root) as client:
        async with anyio.create_task_group() as group:

            async def ask():
                await client.call_tool("magnetar_context", {"query": "turn_wheel_77"}, progress_callback=hear)
                pytest.fail("the request was cancelled, and yet it was answered")

            group.start_soon(ask)
            await warming.wait()
            group.cancel_scope.cancel()
        found = await client.call_tool("magnetar_search", {"query": "turn_wheel_77"})
        assert found.structured_content["hits"][0]["path"] == "module_77.py"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_client_s_own_folders_are_the_workspace(root, cache, tmp_path, mode):
    other = tmp_path / "other"
    other.mkdir()
    (other / "till.py").write_text("def open_the_till():\n    return 1\n")

    async def roots(_context):
        return ListRootsResult(roots=[Root(uri=folder.as_uri()) for folder in (root, other)])

    async with agent(cache, mode=mode, cwd=tmp_path, list_roots_callback=roots) as client:
        found = await client.call_tool("magnetar_symbols", {"query": "till", "folder": "other"})
        assert [row["path"] for row in found.structured_content["symbols"]] == ["other/till.py"]
        answer = await client.call_tool("magnetar_context", {"file": "the shop/shop/cart.py", "tokenBudget": 300})
        assert "## the shop/shop/cart.py" in text_of(answer)
        assert count_tokens(answer.content[0].text) <= 300
        assert await read(client, "other/till.py") == "def open_the_till():\n    return 1\n"


async def test_without_a_path_and_without_roots_it_works_where_it_was_started(root, cache):
    async with agent(cache, cwd=root) as client:
        assert "shop/cart.py" in text_of(await client.call_tool("magnetar_search", {"query": "grand_total"}))
