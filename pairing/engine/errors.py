"""What the engine says when it is asked something that has no answer."""


class EngineError(ValueError):
    """Bad input, found before anything is computed; names the person and rule if there is one."""

    def __init__(self, message: str, *, person: str | None = None, rule: str | None = None) -> None:
        super().__init__(message)
        self.person = person
        self.rule = rule


class ProofFailed(AssertionError):
    """A matching does not keep what it claims; the message says which claim."""
