"""Which document comes next: a pure, bounded, online-learned model of accesses."""
