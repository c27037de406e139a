"""Bring-up of a new board, part by part and wire by wire: what `tillbench board doctor --part` does."""
