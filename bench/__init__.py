"""What tillbench costs: `python -m bench` measures and writes RESULTS.md, `python -m bench.long` runs for long."""
