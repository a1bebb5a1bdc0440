from magnetar.context.ledger import MOST_CONVERSATIONS, Held, Ledgers, digest_of
from magnetar.model import ItemKind

HELD = Held("a.py", ItemKind.SNIPPET, ((0, 3),), digest_of("text"), 12)


def test_a_conversation_is_the_same_one_until_its_connection_ends():
    ledgers = Ledgers()
    ledgers.of("editor", "chat").remember([HELD])
    assert ledgers.of("editor", "chat").held == (HELD,)
    assert ledgers.of("other editor", "chat").held == ()
    ledgers.forget("editor")
    assert ledgers.of("editor", "chat").held == ()


def test_a_request_without_a_conversation_is_remembered_nowhere():
    assert Ledgers().of("editor", None) is None


def test_a_connection_keeps_its_latest_conversations():
    ledgers = Ledgers()
    for number in range(MOST_CONVERSATIONS):
        ledgers.of("editor", str(number)).remember([HELD])
    ledgers.of("editor", "0")
    ledgers.of("editor", "one more")
    assert ledgers.of("editor", "0").held == (HELD,)
    assert ledgers.of("editor", "1").held == ()
