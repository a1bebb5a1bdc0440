"""The smart cache: entries, statistics, eviction, learning, over one of several backends.

`smart.SmartCache` is the door. What lies behind it:

    codec, keys          what a value and a key look like where they are stored
    entry, stats         what the public API shows of an entry and of the whole
    eviction             who goes first, in memory and on disk
    learning             accesses on their way to the prediction model, and whether its predictions came true
    loading, refresh     loader functions: bounded, once per key at a time, again when stale
    warming              what is worth loading before it is asked for
    backends             where values live
"""
