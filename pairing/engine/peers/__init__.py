"""Reciprocal pairs from one pool: each gives and takes, and an odd number makes one trio."""
