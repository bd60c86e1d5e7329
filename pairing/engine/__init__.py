"""Who should work with whom: exact, proved, explained. Plain Python, numpy and OR-tools."""
