"""A board on the desk: who it is, its port, what is written to it, what runs on it."""
