"""Finding files: scanning, ignore rules, privacy rules, and git."""
