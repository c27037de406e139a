"""What protects a message on the line: MACs, PIN blocks, key sets, track encryption.

No cipher is in here: the functions are given one (`Cipher`), an HSM's or a library's.
"""
