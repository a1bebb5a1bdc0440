"""The Model Context Protocol server: the only place that knows its SDK."""
