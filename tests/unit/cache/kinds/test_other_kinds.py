"""Symbols, embeddings and conversations, and which kinds may leave the machine."""

from pathlib import Path

import numpy as np
import pytest

from magnetar.cache import keys
from magnetar.cache.kinds import Conversations, Embeddings, Symbols


async def test_symbols_are_kept_by_content_and_parser_and_end_with_their_time(cache, clock):
    symbols = Symbols(cache, ttl=10)
    first, second = keys.symbols_key("a" * 64, 1), keys.symbols_key("a" * 64, 2)
    assert await symbols.set_many({first: b"\x00found"}) == 1
    assert await symbols.get_many([first, second]) == {first: b"\x00found"}
    assert await symbols.get_many([]) == {}
    assert await symbols.set_many({}) == 0
    clock.advance(10)
    assert await symbols.get_many([first]) == {}


async def test_an_embedding_comes_back_to_the_bit_and_takes_four_bytes_a_number(cache):
    embeddings = Embeddings(cache, "model-1")
    vectors = {f"{number:064x}": np.random.default_rng(number).normal(size=256).astype("f4") for number in range(300)}
    assert await embeddings.set_many(vectors) == 300
    found = await embeddings.get_many([*vectors, "missing"])
    assert found.keys() == vectors.keys()
    assert all(np.array_equal(found[one], vectors[one]) and found[one].dtype == np.float32 for one in vectors)
    assert cache.tiers()[-1].size_bytes == 300 * (6 + 4 * 256)
    assert await Embeddings(cache, "model-2").get_many(list(vectors)) == {}


async def test_a_vector_of_doubles_is_kept_as_floats(cache):
    embeddings = Embeddings(cache, "m")
    await embeddings.set_many({"a": np.array([0.1, 0.2])})
    assert (await embeddings.get_many(["a"]))["a"].tolist() == np.array([0.1, 0.2], "f4").tolist()


@pytest.mark.parametrize("wrong", [np.zeros((2, 2), "f4"), np.zeros(2, "i4"), np.float32(1)])
async def test_what_is_no_vector_is_a_type_error_that_names_it(cache, wrong):
    with pytest.raises(TypeError, match="cafe"):
        await Embeddings(cache, "m").set_many({"cafe": wrong})


@pytest.mark.parametrize("damage", [b"", b"\x04", b"\x04\x01\x05\x00\x00\x00abc", b"\x04\x02" + b"\x00" * 8])
async def test_what_is_no_embedding_counts_as_missing(cache, damage):
    await cache.set_blobs({keys.embedding_key("a", "m"): damage})
    assert await Embeddings(cache, "m").get_many(["a"]) == {}


async def test_a_conversation_belongs_to_its_owner_and_is_kept_from_its_last_change_on(cache, clock):
    conversations = Conversations(cache, ttl=10)
    assert await conversations.set("editor", "chat", [["a.py", 1]])
    clock.advance(9)
    assert await conversations.set("editor", "chat", [["a.py", 2]])
    clock.advance(9)
    assert await conversations.get("editor", "chat") == [["a.py", 2]]
    assert await conversations.get("other", "chat") is None
    await conversations.forget("editor", "chat")
    assert await conversations.get("editor", "chat") is None


async def test_using_a_kind_teaches_nothing(cache):
    await Conversations(cache).set("editor", "a", [])
    await Conversations(cache).get("editor", "a")
    assert cache.prediction_model.documents == 0


SPELLED = {
    "file": keys.file_key(Path("/a.py")),
    "directory": keys.directory_key(Path("/a")),
    "symbols": keys.symbols_key("a" * 64, 1),
    "embedding": keys.embedding_key("a" * 64, "m"),
    "search": keys.search_key("s", "q"),
    "conversation": keys.conversation_key("o", "n"),
    "index": keys.index_key(Path("/a")),
    "history": keys.history_key("c" * 40),
    "own": "user:1",
}


@pytest.mark.parametrize(
    ("allowed", "shared"),
    [
        ({"contents": False, "own_keys": False}, {"symbols", "embedding"}),
        ({"contents": True, "own_keys": False}, {"symbols", "embedding", "file"}),
        ({"contents": False, "own_keys": True}, {"symbols", "embedding", "own"}),
    ],
)
def test_what_may_leave_the_machine_follows_from_the_kind(allowed, shared):
    may_share = keys.sharing(**allowed)
    assert {kind for kind, key in SPELLED.items() if may_share(key)} == shared
