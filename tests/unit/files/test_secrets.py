import base64
import json
import time

import pytest

from magnetar.files.secrets import secret_lines
from unit.files import more_secrets as more
from unit.files import secret_corpus as corpus

CODE = "value = 1\n"
TOKENS = {**corpus.TOKENS, **more.MORE_TOKENS}
ASSIGNED = [*corpus.ASSIGNED, *more.MORE_ASSIGNED]
LOOK_ALIKES = [*corpus.LOOK_ALIKES, *more.MORE_LOOK_ALIKES]


@pytest.mark.parametrize("kind", sorted(TOKENS))
def test_a_token_is_found_wherever_it_stands(kind):
    token = TOKENS[kind]
    for line in (token, f'client = connect("{token}")', f"  - run: tool {token}", f"// see {token}, which expired"):
        assert secret_lines(f"{CODE}{line}\n{CODE}", "a.py") == ((1, 2),), line


@pytest.mark.parametrize(("path", "line"), ASSIGNED)
def test_a_secret_is_known_by_its_name_or_place(path, line):
    last = 1 + line.count("\n")
    ((start, end),) = secret_lines(f"{CODE}{line}\n{CODE}", path)
    assert start <= last < end == last + 1


@pytest.mark.parametrize(("path", "lines"), corpus.KEYS)
def test_a_private_key_is_taken_out_with_all_its_lines(path, lines):
    text = "\n".join([CODE.strip(), *lines, CODE.strip()])
    assert secret_lines(text, path) == ((1, 1 + len(lines)),)


def test_a_key_without_an_end_is_taken_out_as_far_as_it_goes():
    lines = ["before", *corpus.armour("PRIVATE KEY")[:-1]]
    assert secret_lines("\n".join(lines), "a.txt") == ((1, len(lines)),)


def test_a_key_that_is_only_mentioned_does_not_hide_what_follows():
    text = (
        'BEGIN = "-----BEGIN PRIVATE KEY-----"\n'
        + "return compute(value)\n" * 50
        + 'END = "-----END PRIVATE KEY-----"\n'
    )
    assert secret_lines(text, "a.py") == ()


def test_the_corpus_is_as_large_as_promised():
    assert len(TOKENS) + len(ASSIGNED) + len(corpus.KEYS) >= 200
    assert len(TOKENS) >= 100
    assert len(LOOK_ALIKES) >= 180


def test_what_only_looks_like_a_secret_is_served():
    withheld = [(path, line) for path, line in LOOK_ALIKES if secret_lines(f"{CODE}{line}\n{CODE}", path)]
    assert len(withheld) <= len(LOOK_ALIKES) // 50, withheld


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_by_every_line_end(end):
    token = corpus.TOKENS["npm"]
    assert secret_lines(end.join(["a", "b", token, "c", token, token, ""]), "a.py") == ((2, 3), (4, 6))


def test_lines_are_counted_past_every_kind_of_character():
    token = corpus.TOKENS["npm"]
    assert secret_lines(f"é\u2028\u0085\v\f ä\n😀\ud800 {token}\n", "a.py") == ((1, 2),)


def test_a_secret_at_the_very_end_is_found():
    assert secret_lines(corpus.TOKENS["npm"], "a.py") == ((0, 1),)
    assert secret_lines("", "a.py") == ()


@pytest.mark.parametrize(
    "line",
    [
        "a" * 1_000_000,
        "password=" * 110_000,
        "eyJ" * 330_000,
        "://a:" * 200_000,
        "sk-" + "a-" * 500_000,
        "-----BEGIN RSA PRIVATE KEY-----" * 30_000,
        "aws key " * 120_000,
        "'" * 1_000_000,
        "authorization: bearer " * 45_000,
        ":" + "-us1" * 250_000,
        "name: key value: " * 60_000,
        "mysql -p -u a:b " * 60_000,
        "echo a|" * 140_000,
        "?token=&key=" * 80_000,
        "login a password " * 60_000,
        '"! token ' * 110_000,
        "a:22:b:c:" * 110_000,
        "sk-" + "eyJ" * 6 + "-" + ("eyJ" * 6 + "-sk-") * 20_000,
    ],
    ids=lambda line: line[:24],
)
def test_a_line_of_a_megabyte_takes_no_long(line):
    started = time.process_time()
    secret_lines(line, "a.ipynb" if line.startswith('"!') else "a.md" if line.startswith("a:22") else "a.yaml")
    assert time.process_time() - started < 10


def test_a_secret_in_a_very_long_line_is_found():
    line = "x = 1; " * 100_000 + corpus.TOKENS["Stripe live"] + "; y = 2" * 100_000
    assert secret_lines(line, "a.js") == ((0, 1),)


@pytest.mark.parametrize("distance", range(100, 700, 20))
def test_a_secret_is_found_however_far_behind_what_only_looks_like_one(distance):
    line = (
        f'{{"id": "sdk-build-pipeline-v2-release", "b": "{"a b " * (distance // 4)}", "c": "{corpus.TOKENS["npm"]}"}}'
    )
    assert secret_lines(f"{line}\n", "x.json") == ((0, 1),)


@pytest.mark.parametrize("distance", range(100, 700, 50))
def test_a_long_signed_token_is_found_wherever_it_stands_in_a_line(distance):
    header, claims = (
        {"alg": "HS256", "typ": "JWT"},
        {"sub": "7f3a91", "scope": " ".join(f"read:{n}" for n in range(60))},
    )
    token = ".".join([*map(_encoded, (header, claims)), "q7Zk1bX9"])
    line = f'{{"id": "sdk-build-pipeline-v2-release", "b": "{"a b " * (distance // 4)}", "c": "{token}"}}'
    assert secret_lines(f"{line}\n", "x.json") == ((0, 1),)


def _encoded(part):
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def test_a_text_that_only_names_private_keys_is_served():
    assert secret_lines("Looks for PRIVATE KEY blocks and PuTTY files.\n", "notes.md") == ()
