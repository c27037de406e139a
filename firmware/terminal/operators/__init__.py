"""Operators: who may do what, and how the terminal knows that it is them."""
