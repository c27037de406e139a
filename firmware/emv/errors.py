"""The one exception of the kernel."""


class EmvError(Exception):
    """The transaction cannot go on as it is.

    `reason` is one of:
    - "TERMINATE": the card refused or broke a rule; the card session ends (Book 3 section 7.5, Book 4 section 6.3).
    - "FORMAT": card data that is not well formed; the session ends as well (Book 3 section 7.5).
    - "RESELECT": the card cannot be used with this application under these conditions; it is off the candidate list,
      take another (Book 3 section 10.1).
    - "NOT_ACCEPTED": no application in common (Book 1 section 12.4).
    - "ISSUER_DATA": the acquirer's answer is malformed; no command has gone to the card yet.
    - "CONFIG": the terminal's own configuration is wrong or promises what this kernel cannot do.
    - "SEQUENCE": a step was called out of its order (a programming fault).

    `detail` names the data element, the offset, what was expected and what was found; it never holds card data.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
