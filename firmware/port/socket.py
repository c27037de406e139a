"""First on `sys.path` of a steered board: `asyncio.open_connection` works unchanged.

Only names from `port.tcp`: a module under two names would be two modules, with two tables of sockets.
"""

from port.tcp import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, getaddrinfo, socket

__all__ = ("AF_INET", "SOCK_STREAM", "SOL_SOCKET", "SO_REUSEADDR", "getaddrinfo", "socket")
