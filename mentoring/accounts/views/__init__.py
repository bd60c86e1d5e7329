"""The pages of joining, people, settings and oneself."""
