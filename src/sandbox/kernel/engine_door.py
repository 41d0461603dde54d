"""The door of the engine: a way to its Spark Connect server for the sandbox's user alone.

Sail has no way to ask who connects, and who connects may run code. So nobody can: `shut` gives its listening socket a
packet filter that drops whatever comes, and this program, which looks whose a connection is, relays. For each of its
connections the filter lets one source port in, which is bound by then and thus nobody else's.

Usage: ``python engine_door.py FD PORT`` with the listening socket and its port. Writes the port of the door to stdout
and ends when its stdin ends.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import sys
import threading

if __name__ == "__main__":
    # It runs isolated: the package that it belongs to is not on its path.
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from sandbox.kernel import peers  # noqa: E402

LOOPBACK = "127.0.0.1"
PIECE = 256 * 1024

# From asm-generic/socket.h, linux/filter.h and linux/bpf_common.h.
SO_ATTACH_FILTER = 26
LOAD_HALF, LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x28, 0x20, 0x15, 0x06
#: An offset from here on is one into the header of IP; before it, of TCP.
NETWORK = 0xFFF00000
SOURCE_PORT, SOURCE_ADDRESS = 0, NETWORK + 12
DROP, PASS = 0, 0xFFFFFFFF

Instruction = tuple[int, int, int, int]


def _attach(listener: socket.socket, program: list[Instruction]) -> None:
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in program))
    listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("@HP", len(program), ctypes.addressof(code)))


def shut(listener: socket.socket) -> None:
    """Lets nobody connect any more."""
    _attach(listener, [(RETURN, 0, 0, DROP)])


def let_in(listener: socket.socket, port: int) -> None:
    """Lets one port of this machine connect, and nobody else. Connections that there are keep the filter they came by."""
    address = struct.unpack("!I", socket.inet_aton(LOOPBACK))[0]
    _attach(listener, [
        (LOAD_HALF, 0, 0, SOURCE_PORT),
        (JUMP_IF_EQUAL, 0, 3, port),
        (LOAD_WORD, 0, 0, SOURCE_ADDRESS),
        (JUMP_IF_EQUAL, 0, 1, address),
        (RETURN, 0, 0, PASS),
        (RETURN, 0, 0, DROP),
    ])


def listener_at(port: int) -> socket.socket | None:
    """This process's own listening socket, which a library keeps to itself."""
    for name in os.listdir("/proc/self/fd"):
        try:
            found = socket.socket(fileno=os.dup(int(name)))
        except OSError:
            continue
        try:
            if found.family == socket.AF_INET and found.getsockname()[1] == port and found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                return found
        except OSError:
            pass
        found.close()
    return None


def is_visited(port: int) -> bool:
    """Whether there is, or just was, a connection to a port."""
    with open("/proc/self/net/tcp") as table:
        next(table)
        return any(line.split()[3] != "0A" and f":{port:04X}" in (line.split()[1][8:], line.split()[2][8:]) for line in table)


class Door:
    def __init__(self, listener: socket.socket, port: int) -> None:
        self._listener, self._port = listener, port
        self._opening = threading.Lock()
        self._admitted = 0

    def relay(self, client: socket.socket) -> None:
        server = socket.socket()
        server.bind((LOOPBACK, 0))
        own = server.getsockname()[1]
        try:
            with self._opening:
                self._admitted = own
                let_in(self._listener, own)
                server.connect((LOOPBACK, self._port))
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = threading.Thread(target=self._copy, args=(server, client), daemon=True)
            back.start()
            self._copy(client, server)
            back.join()
        except OSError:
            pass
        finally:
            with self._opening:
                # Once closed the port may become anybody's.
                if self._admitted == own:
                    shut(self._listener)
            server.close()
            client.close()

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        piece = memoryview(bytearray(PIECE))
        try:
            while size := source.recv_into(piece):
                target.sendall(piece[:size])
            target.shutdown(socket.SHUT_WR)
        except OSError:
            for each in (source, target):
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


def main() -> None:
    listener = socket.socket(fileno=int(sys.argv[1]))
    door = Door(listener, int(sys.argv[2]))
    _, lookup = peers.how()
    outside = socket.socket()
    outside.bind((LOOPBACK, 0))
    outside.listen(128)
    threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
    print(outside.getsockname()[1], flush=True)
    while True:
        client, address = outside.accept()
        if lookup and peers.is_own(lookup(address, client.getsockname())):
            threading.Thread(target=door.relay, args=(client,), daemon=True).start()
        else:
            client.close()


if __name__ == "__main__":
    main()
