"""One file for one transaction, told from top to bottom. Imported when it starts, not before."""
