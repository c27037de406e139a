"""ISO/IEC 7816-3 as pure state machines: answer to reset, T=0, and the APDU layer above it. No clock, no pins."""
