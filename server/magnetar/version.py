"""The version, as a constant: asking the installed package's metadata for it would cost every start 40 ms."""

__version__ = "0.1.0"
