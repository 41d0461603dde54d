"""Whose a connection over loopback is: the operating system knows which user's socket is at its other end.

Linux tells it by netlink (``sock_diag(7)``), one socket at a time, whatever else there is; where its module is missing,
by the table ``/proc/net/tcp``, which takes the kernel milliseconds to write. Other systems do not tell.

As a program it answers the gateway: one line to stdout says how it can tell (``netlink``, ``proc``) or ``nothing``, then
each line on stdin, ``CLIENT_ADDRESS CLIENT_PORT SERVER_ADDRESS SERVER_PORT``, gets one with the user's number, or ``-``.
It ends when its stdin ends.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from typing import Callable

Address = tuple[str, int]
Lookup = Callable[[Address, Address], "int | None"]

# From linux/sock_diag.h, linux/inet_diag.h and net/tcp_states.h.
NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
NLM_F_REQUEST = 1
TIME_WAIT, CLOSE, LISTEN, NEW_SYN_RECV = 6, 7, 10, 12

HEADER = struct.Struct("=IHHII")
SOCKET_ID = struct.Struct("!HH16s16s")
REQUEST = struct.Struct("=BBBBI")
ANSWER = struct.Struct("=BBBB")
USER = struct.Struct("=IIIII")

_netlink: socket.socket | None = None


def by_netlink(client: Address, server: Address) -> int | None:
    global _netlink
    if _netlink is None:
        _netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, NETLINK_SOCK_DIAG)
    asked = SOCKET_ID.pack(client[1], server[1], socket.inet_aton(client[0]), socket.inet_aton(server[0]))
    body = REQUEST.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, 0, 0xFFFFFFFF) + asked + struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)
    _netlink.sendto(HEADER.pack(HEADER.size + len(body), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 1, 0) + body, (0, 0))
    answer = _netlink.recv(4096)
    if HEADER.unpack_from(answer)[1] != SOCK_DIAG_BY_FAMILY:
        return None
    _, state, _, _ = ANSWER.unpack_from(answer, HEADER.size)
    found = SOCKET_ID.unpack_from(answer, HEADER.size + ANSWER.size)
    _, _, _, user, inode = USER.unpack_from(answer, HEADER.size + ANSWER.size + SOCKET_ID.size + 12)
    # What nobody holds any more has no inode, and is said to be root's: closing at once must not make root of anybody.
    if state in (TIME_WAIT, CLOSE, LISTEN, NEW_SYN_RECV) or inode == 0 or found[:2] != (client[1], server[1]):
        return None
    return user


def by_proc(client: Address, server: Address) -> int | None:
    def written(address: Address) -> tuple[str, str]:
        host = struct.unpack("=I", socket.inet_aton(address[0]))[0]
        mapped = struct.unpack("=I", b"\0\0\xff\xff")[0]
        return f"{host:08X}:{address[1]:04X}", f"{0:016X}{mapped:08X}{host:08X}:{address[1]:04X}"

    for which, table in enumerate(("/proc/self/net/tcp", "/proc/self/net/tcp6")):
        pair = [written(client)[which], written(server)[which]]
        try:
            with open(table) as lines:
                for line in lines:
                    fields = line.split()
                    if fields[1:3] == pair:
                        alive = int(fields[3], 16) not in (TIME_WAIT, CLOSE, LISTEN, NEW_SYN_RECV)
                        return int(fields[7]) if alive and fields[9] != "0" else None
        except OSError:
            continue
    return None


def how() -> tuple[str, Lookup | None]:
    """How this machine tells whose a connection is, as it proves on one of our own."""
    if sys.platform == "linux":
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            with socket.create_connection(listener.getsockname()) as client:
                for name, lookup in (("netlink", by_netlink), ("proc", by_proc)):
                    try:
                        if lookup(client.getsockname(), listener.getsockname()) == os.geteuid():
                            return name, lookup
                    except (OSError, struct.error, ValueError):
                        pass
    return "nothing", None


def is_own(user: int | None) -> bool:
    """Ours, or root's, who may do everything anyway."""
    return user is not None and user in (os.geteuid(), 0)


def main() -> None:
    name, lookup = how()
    print(name, flush=True)
    while lookup and (line := sys.stdin.readline()):
        client, client_port, server, server_port = line.split()
        try:
            user = lookup((client, int(client_port)), (server, int(server_port)))
        except (OSError, struct.error):
            user = None
        print("-" if user is None else user, flush=True)


if __name__ == "__main__":
    main()
