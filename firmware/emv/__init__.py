"""EMV contact kernel: bytes in, bytes out, driven by a transport and an entropy source that it is handed."""
