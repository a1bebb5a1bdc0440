"""What parsing leaves behind."""

import tracemalloc

from magnetar.symbols.grammars import grammar
from magnetar.symbols.parsing import capture, parse

SOURCE = b"def rotate(self):\n    return self.turbo\n" * 2_000


def test_parsing_again_and_again_takes_no_more_memory():
    chosen = grammar("python")
    assert capture(parse(SOURCE, chosen.language), chosen.query)
    tracemalloc.start()
    try:
        for _ in range(10):
            parse(SOURCE, chosen.language)
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left < len(SOURCE)
