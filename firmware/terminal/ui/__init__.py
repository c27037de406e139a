"""Screens of four rows of sixteen characters, and the questions that are asked on them."""
