"""The kinds of values that a context engine caches, one helper each: how they are keyed, stored, and known to be current.

    FileContents        texts of files           by path; current while the fingerprint is
    DirectoryListings   what directories hold    by path; current while the fingerprint is
    Symbols             what a parser found      by content; always current
    Embeddings          vectors of floats        by content and model; always current
    SearchResults       hits of a query          by scope and query; current while no file with a hit has changed
    Conversations       what a chat was sent     by owner and name; current until its owner changes it

Each is made over a cache with the time to live of its kind, by default that of `magnetar.config.TtlSettings`. Using one is no
access: nothing is learned from it. Which kinds may leave the machine is said in `magnetar.cache.keys`.
"""

from magnetar.cache.kinds.conversations import Conversations
from magnetar.cache.kinds.directories import DirectoryEntry, DirectoryListings
from magnetar.cache.kinds.embeddings import Embeddings
from magnetar.cache.kinds.files import CachedFile, FileContents
from magnetar.cache.kinds.searches import SearchResults, file_versions
from magnetar.cache.kinds.symbols import Symbols

__all__ = [
    "CachedFile",
    "Conversations",
    "DirectoryEntry",
    "DirectoryListings",
    "Embeddings",
    "FileContents",
    "SearchResults",
    "Symbols",
    "file_versions",
]
