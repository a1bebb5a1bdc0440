"""The main job: gather what the sources propose, rank it, pack it into a token budget."""
