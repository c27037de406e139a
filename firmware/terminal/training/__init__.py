"""Training: all flows as they are, against a host that is in the terminal itself, in a journal of their own."""
