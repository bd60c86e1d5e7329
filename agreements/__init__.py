"""What people agree on: decisions, charters and goals."""
