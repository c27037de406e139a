"""A shop's day, played by a script: what happens at the counter, and whether both sides agree at its end."""
