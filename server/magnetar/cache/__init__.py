"""The smart cache: entries, statistics, eviction, learning, over one of several backends."""
