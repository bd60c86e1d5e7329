"""Pages of matching and partnerships."""
