"""Text in, facts out: symbols, references, imports, pieces, terms and token counts. Pure: no I/O."""
