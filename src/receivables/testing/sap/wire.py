"""An RFC application server on 127.0.0.1 that speaks the true wire protocol, so that a real client can be tested with no SAP.

Frames carry a big-endian length; the gateway hands out a conversation; a logon names user and client; then each call is a list
of tagged values: scalars, structures and tables in UTF-16. What clients ask about functions and structures before they call
is answered from `ddic`. It stands in for SAP in tests only: no encryption, no compression, and no password is verified.
"""

from __future__ import annotations

import socketserver
import struct
import threading
from types import TracebackType
from typing import Self

from typing_extensions import override

from receivables.testing.sap.ddic import FUNCTIONS
from receivables.testing.sap.faults import AbapError
from receivables.testing.sap.functions import Functions
from receivables.testing.sap.ledger import Session
from receivables.testing.sap.tags import (
    END,
    HEAD,
    NAME,
    ROWS,
    TABLE,
    TAIL,
    VALUE,
    answered,
    fields,
    fixed,
    given,
    interface,
    raised,
    tagged,
    text,
    values,
)

HOST = "127.0.0.1"
_FRAME = 0x6D10  # bytes of a call's answer that go into one frame
_HEADER = 80
_EBCDIC_RFC = b"\xd9\xc6\xc3"  # how the first data record of a session begins
_METADATA = frozenset({"RFC_GET_FUNCTION_INTERFACE", "DDIF_FIELDINFO_GET"})


class RfcServer:
    """The server; use it as a context manager.

    Args:
        functions: What it answers.
        number: System number: the port is 3300 and this; None for the first free one from 40 on.
        users: Who may log on.

    Attributes:
        sessions: How many logons there were, and how many at once at most.
    """

    def __init__(
        self,
        functions: Functions,
        *,
        number: int | None = None,
        users: tuple[str, ...] = ("RFCUSER",),
    ) -> None:
        self.functions = functions
        self.users = {user.upper() for user in users}
        self.logons = 0
        self.lock = threading.Lock()
        self._server, self.number = self._bind(number)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    @property
    def parameters(self) -> dict[str, str]:
        """What a client must give to connect."""
        return {
            "ashost": HOST,
            "sysnr": f"{self.number:02}",
            "client": "100",
            "user": "RFCUSER",
            "passwd": "secret",
            "lang": "EN",
        }

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _bind(self, number: int | None) -> tuple[_Server, int]:
        for candidate in range(40, 99) if number is None else (number,):
            try:
                return _Server((HOST, 3300 + candidate), _Conversation, self), candidate
            except OSError:
                if candidate == number:
                    raise
        msg = "no free port from 3340 to 3398 for the RFC double"
        raise OSError(msg)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(
        self,
        address: tuple[str, int],
        handler: type[socketserver.BaseRequestHandler],
        owner: RfcServer,
    ) -> None:
        super().__init__(address, handler)
        self.owner = owner


class _Conversation(socketserver.BaseRequestHandler):
    """One connection: from the first frame to its end."""

    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride] - it is made with one

    @override
    def setup(self) -> None:
        self.session = Session()
        with self.server.owner.lock:
            self.server.owner.logons += 1
            self.handle_id = b"%08d" % (10_000_000 + self.server.owner.logons)

    @override
    def handle(self) -> None:
        try:
            while self._answer(self._receive()):
                pass
        except (EOFError, ConnectionError):
            pass
        finally:
            self.session.pending.clear()  # what was not committed is gone with the session

    def _answer(self, frame: bytes) -> bool:
        """Answer one frame; return False to hang up."""
        kind = frame[:2].hex()
        if frame.startswith(b"NI_PING"):
            self._send(b"NI_PONG\0")
        elif kind == "0203":
            made = bytearray(frame[:64].ljust(64, b"\0"))
            made[20:24], made[28:30], made[54:56] = b"4103", b"\0\x0f", b"\x06\xfb"
            self._send(bytes(made))
        elif kind == "0601":
            made = bytearray(frame[:_HEADER])
            made[21], made[40:48], made[76:80] = 6, self.handle_id, b"\0\0\0\1"
            self._send(bytes(made))
        elif kind == "0605":
            made = bytearray(frame[:_HEADER])
            made[16:24] = bytes.fromhex("0100000000020000")
            made[69:73], made[76:80] = b"4103", b"\0\0\0\1"
            self._send(bytes(made))
        elif kind == "06cb":
            return self._record(frame[_HEADER:])
        return True

    def _record(self, body: bytes) -> bool:
        if body.startswith(_EBCDIC_RFC):
            self._data(self._logon(body[12:]))
            return True
        name = dict(values(body)).get(0x0102, b"").decode("utf-16-le").strip(" \0")
        faults = self.server.owner.functions.faults
        if faults.drop.get(name, 0) > 0:
            faults.drop[name] -= 1
            return False
        try:
            answer = self._call(name, body)
        except AbapError as error:
            answer = raised(error)
        if faults.after.get(name, 0) > 0:
            faults.after[name] -= 1
            return False
        size = 1 << 30 if name in _METADATA else _FRAME
        while len(answer) > size:
            self._data(answer[:size], last=False)
            answer = answer[size:]
        self._data(answer)
        return True

    def _logon(self, body: bytes) -> bytes:
        told = dict(values(body))
        user = told.get(0x0111, b"").decode("latin-1").upper()
        client = told.get(0x0114, b"").decode("latin-1")
        if user not in self.server.owner.users or client != "100":
            return (
                tagged(0x0500)
                + tagged(0x0402, text("Name or password is incorrect (repeat logon)"))
                + tagged(END)
            )
        about = (
            *(
                (0x0016, text("1100")),
                (0x0007, fixed(HOST, 15)),
                (0x0018, text(HOST)),
                (0x0008, text("double_DBL_00")),
            ),
            *(
                (0x0011, text("E")),
                (0x0013, fixed("793", 4)),
                (0x0012, fixed("758", 4)),
                (0x0006, text("<unknown>")),
            ),
            *(
                (0x0130, text("SAPLSYST")),
                (0x0150, fixed(user, 12)),
                (0x0151, text(client)),
                (0x0152, text("E")),
            ),
            *(
                (0x0450, text("DBL")),
                (0x0451, fixed("DOUBLE", 10)),
                (0x0452, text("00")),
                (0x0453, fixed("double", 10)),
            ),
        )
        start = (
            tagged(0x0101, bytes.fromhex("0101010504010003"))
            + tagged(0x0103, bytes.fromhex("00000e0b"))
            + tagged(0x0106, bytes.fromhex("0401000300030200000023"))
        )
        return start + b"".join(tagged(tag, data) for tag, data in about) + HEAD + TAIL

    def _call(self, name: str, body: bytes) -> bytes:
        scalars: dict[str, bytes] = {}
        tables: dict[str, list[bytes]] = {}
        current = ""
        for tag, data in values(body):
            if tag == NAME:
                current = data.decode("utf-16-le")
            elif tag == VALUE:
                scalars[current] = data
            elif tag == TABLE:
                current = data.decode("utf-16-le")
                tables[current] = []
            elif tag in ROWS:
                tables[current].append(data)
        if name == "RFC_GET_FUNCTION_INTERFACE":
            return interface(scalars["FUNCNAME"].decode("utf-16-le").strip(" \0").upper())
        if name == "DDIF_FIELDINFO_GET":
            return fields(scalars["TABNAME"].decode("utf-16-le").strip(" \0").upper())
        if name not in FUNCTIONS:
            raise AbapError("FU_NOT_FOUND", "FL", "E", "046", (name,))
        request = {
            it.name: given(it, scalars, tables)
            for it in FUNCTIONS[name]
            if it.name in scalars or it.name in tables
        }
        owner = self.server.owner
        with owner.lock:
            answer = owner.functions.call(name, request, self.session)
        return answered(FUNCTIONS[name], answer)

    def _receive(self) -> bytes:
        return self._exactly(struct.unpack(">I", self._exactly(4))[0])

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self.request.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def _send(self, frame: bytes) -> None:
        self.request.sendall(struct.pack(">I", len(frame)) + frame)

    def _data(self, body: bytes, *, last: bool = True) -> None:
        head = bytearray.fromhex(
            "06cb0200ffff0000000000000001000001000001f4020000000100080000050c"
        ) + bytes(48)
        head[40:48] = self.handle_id
        head[48:60] = bytes.fromhex("00006d6000000002") + struct.pack(">I", len(body))
        head[60:64] = struct.pack(">I", int(last))
        head[69:73], head[76:80] = b"4103", b"\0\0\0\4"
        self._send(bytes(head) + body)
