"""The line to the host: TCP, TLS on it, or a serial line."""
