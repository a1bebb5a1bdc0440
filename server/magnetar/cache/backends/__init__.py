"""Where cached values are stored, behind one Protocol: `base.Backend`."""
