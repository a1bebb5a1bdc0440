import pytest

from clocks import FakeClock
from magnetar import SmartCache
from magnetar.cache.kinds import Conversations
from magnetar.context.ledger import MOST_CONVERSATIONS, Held, Ledgers, digest_of
from magnetar.model import ItemKind

HELD = Held("a.py", ItemKind.SNIPPET, ((0, 3), (7, 9)), digest_of("text"), 12)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def cache(clock):
    async with SmartCache(clock=clock) as cache:
        yield cache


@pytest.fixture
def ledgers(cache):
    return Ledgers(Conversations(cache, ttl=100))


async def remember(ledgers, ledger, name, held=(HELD,)):
    conversation = await ledgers.of(ledger, name)
    conversation.remember(held)
    await ledgers.keep(ledger, name, conversation)


async def held(ledgers, ledger, name):
    return (await ledgers.of(ledger, name)).held


async def test_a_conversation_is_the_same_one_until_its_connection_ends(ledgers, cache):
    await remember(ledgers, "editor", "chat")
    assert await held(ledgers, "editor", "chat") == (HELD,)
    assert await held(ledgers, "other editor", "chat") == ()
    await ledgers.forget("editor")
    assert await held(ledgers, "editor", "chat") == ()
    assert cache.stats.size == 0


async def test_a_request_without_a_conversation_is_remembered_nowhere(ledgers):
    assert await ledgers.of("editor", None) is None


async def test_a_connection_keeps_its_latest_conversations(ledgers, cache):
    for number in range(MOST_CONVERSATIONS):
        await remember(ledgers, "editor", str(number))
    await ledgers.of("editor", "0")
    await remember(ledgers, "editor", "one more")
    assert await held(ledgers, "editor", "0") == (HELD,)
    assert await held(ledgers, "editor", "1") == ()
    assert cache.stats.size == MOST_CONVERSATIONS - 1


async def test_a_conversation_ends_some_time_after_its_last_answer(ledgers, clock):
    await remember(ledgers, "editor", "chat")
    clock.advance(99)
    await remember(ledgers, "editor", "chat")
    clock.advance(99)
    assert await held(ledgers, "editor", "chat") == (HELD,)
    clock.advance(1)
    assert await held(ledgers, "editor", "chat") == ()
