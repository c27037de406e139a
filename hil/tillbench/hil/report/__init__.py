"""`--till-report FILE.html`: one page for a run, with a timeline of every wire for each test."""
