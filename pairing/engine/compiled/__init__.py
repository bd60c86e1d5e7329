"""The inner loops of large boards, compiled by numba when they are first needed.

Only `pairing.engine.large` imports this folder, so a small cohort never waits for the compiler.
Machine code is kept beside each file (or in NUMBA_CACHE_DIR) for the next process. All
arithmetic that decides anything is on whole numbers: float32 holds points, below 2**24,
and picks candidates that int64 then checks.
"""
