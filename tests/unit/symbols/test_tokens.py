"""The tokenizer is the library's, without what the library's Python part reads first."""

import subprocess
import sys

from bpe_openai import get_encoding

from magnetar.symbols.tokens import count_tokens

TEXT = "def carriage(turnip):  # naïve <|endoftext|>\n"


def test_counts_are_the_librarys_own():
    assert count_tokens(TEXT) == len(get_encoding("o200k_base").encode(TEXT, disallowed_special=()))


def test_counting_loads_the_compiled_part_alone():
    program = (
        "import sys; from magnetar.symbols.tokens import count_tokens; "
        f"print(count_tokens({TEXT!a}), 'bpe_openai' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    assert run.stdout == f"{count_tokens(TEXT)} False\n"
