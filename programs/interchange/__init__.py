"""The whole design of a program as one versioned JSON file, out and in again."""
