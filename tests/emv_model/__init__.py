"""A slow model of the terminal's side of EMV contact, written from Books 1 to 4 table by table, for comparison with the
kernel on the device. It shares no line with the firmware; where both read the text differently, the text decides.

`python -m tests.emv_model` makes the long runs: scenarios, mutants, hostile cards.
"""
