"""Tables as one text, a line a row: on a device that is one object in flash instead of a tuple for each row in RAM."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator


def rows(table: str) -> "Iterator[list[str]]":
    """The words of each line; every line ends with a line feed, empty ones are passed over."""
    at = 0
    while at < len(table):
        end = table.find("\n", at)
        if end > at:
            yield table[at:end].split(" ")
        at = end + 1
