"""Numbers below 100 in two digits: most of what a message tells of a time, for less than a format takes."""

TWO_DIGITS = tuple(f"{number:02}" for number in range(100))
