"""What runs Roundtable on one machine for tests and for the demo; not in production's image."""
