"""The emulator over HTTP: an API for programs, and the page that uses nothing else."""
