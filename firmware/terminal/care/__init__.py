"""Care of the device: who and where it is, how it is, what it speaks."""
