"""What a dialect says of a message that it understands and cannot serve."""


class Refused(Exception):
    """A well-formed request for something that this host does not do."""

    def __init__(self, code: str, because: str) -> None:
        super().__init__(code, because)
        self.code = code
        self.because = because
