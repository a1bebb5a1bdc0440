"""A cache in memory is a dictionary with expiry, limits and the documented policy."""

from contract.dictionary_machine import DictionaryMachine, check


def test_memory_is_what_the_model_says():
    check(DictionaryMachine, examples=2_000, steps=15)
