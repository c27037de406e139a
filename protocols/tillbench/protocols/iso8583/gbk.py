"""Chinese in text fields: on the wire GBK, in a `Message` one character for each byte."""


def to_wire(text: str) -> str:
    """`text` as the value of an ans field. UnicodeEncodeError: a character that GBK has not."""
    return text.encode("gbk").decode("latin-1")


def from_wire(value: str) -> str:
    """The value of an ans field as readable text; bytes that are not GBK become U+FFFD."""
    return value.encode("latin-1").decode("gbk", "replace")
