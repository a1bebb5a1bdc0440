import logging

from lsprotocol.types import MessageType

from magnetar.lsp.logs import ClientHandler


def test_a_client_gets_the_message_alone():
    sent = []
    handler = ClientHandler(lambda kind, text: sent.append((kind, text)))
    failure = (KeyError, KeyError("the contents of a file"), None)
    handler.handle(logging.LogRecord("magnetar", logging.ERROR, __file__, 1, "it %s", ("failed",), failure))
    handler.handle(logging.LogRecord("magnetar", logging.WARNING, __file__, 1, "careful", None, None))
    assert sent == [(MessageType.Error, "it failed"), (MessageType.Warning, "careful")]
