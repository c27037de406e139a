"""Models of the chips and parts around the board, as seen from the far end of its pins and buses."""
