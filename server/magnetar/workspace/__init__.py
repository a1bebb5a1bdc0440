"""The living model of a folder: what is in it, what is open, what changed, and what is known about each file."""
