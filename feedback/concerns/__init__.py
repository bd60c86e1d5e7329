"""The concerns desk: raised in confidence, read by few, mediated, closed and forgotten."""
