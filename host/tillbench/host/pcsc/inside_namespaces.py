"""Run by `PrivatePcscd` as the first process of its own namespaces: a pcscd that nobody else can reach.

A program of its own, of the standard library only, so that it starts at once. Arguments: the number of the inherited
control socket, the folder to bind over /run/pcscd, pcscd and its options. On the control socket each packet CONNECT is
answered by one with a TCP socket to the virtual reader, CLIENT by one with a socket to pcscd itself, either by words
where there is none. When the other end closes, this process ends, and the kernel ends pcscd with the namespace.
"""

import array
import contextlib
import errno
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys
import time

START_S = 20.0
"""How long pcscd may take to open the virtual reader's port; it takes 0.1 s on an idle machine."""
POLL_S = 0.005
CONNECT, CLIENT = b"connect", b"client"
VPCD_PORT = 0x8C7B
PCSCD = "/run/pcscd/pcscd.comm"
DRIVERS = "/usr/lib/pcsc/drivers"
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def main() -> None:
    """Arrange the namespaces, start pcscd, hand out connections until the control socket closes."""
    control = socket.socket(fileno=int(sys.argv[1]))
    try:
        _arrange(sys.argv[2])
        daemon = subprocess.Popen(sys.argv[3:], stdin=subprocess.DEVNULL, close_fds=True)
    except (OSError, subprocess.CalledProcessError) as error:
        control.send(f"cannot arrange its namespaces: {error}".encode())
        return
    with contextlib.suppress(ConnectionError):
        while asked := control.recv(64):
            _answer(control, daemon, asked)


def _arrange(run: str) -> None:
    """Our folder where pcscd puts its socket; no USB readers; a loopback interface."""
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    # By file descriptor: the folder itself may lie under what is covered next.
    folder = os.open(run, os.O_PATH)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    os.mkdir("/run/pcscd")
    subprocess.run(["mount", "--bind", f"/proc/self/fd/{folder}", "/run/pcscd"], check=True, pass_fds=[folder])
    os.close(folder)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", DRIVERS], check=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack_from("H", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request), 16)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def _answer(control: socket.socket, daemon: "subprocess.Popen[bytes]", asked: bytes) -> None:
    deadline = time.monotonic() + START_S
    while True:
        if asked == CONNECT:
            end = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            failure = end.connect_ex(("127.0.0.1", VPCD_PORT))
        else:
            end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            failure = end.connect_ex(PCSCD)
        if not failure:
            control.sendmsg([b"+"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [end.fileno()]))])
            end.close()
            return
        end.close()
        if daemon.poll() is not None:
            control.send(f"pcscd ended by itself with status {daemon.returncode}".encode())
            return
        if time.monotonic() > deadline:
            what = "opens no virtual reader" if asked == CONNECT else "takes no clients"
            control.send(f"pcscd {what}: {errno.errorcode.get(failure, failure)}".encode())
            return
        select.select([control], [], [], POLL_S)


if __name__ == "__main__":
    main()
