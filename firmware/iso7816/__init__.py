"""ISO/IEC 7816-3 as pure state machines: answer to reset, PPS, T=0 and T=1, and the APDU layer above T=0.

No clock, no pins."""
