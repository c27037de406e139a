"""What is printed, as lines that know nothing of a printer but how wide its characters are."""
