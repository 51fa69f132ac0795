"""A mail server for tests: speaks enough SMTP, keeps what it is given, and fails on request at any step."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage


@dataclass
class Sink:
    """``answers`` overrides the reply to a step (``connect``, ``mail``, ``rcpt``, ``data``, ``message``).

    Two replies are acts: ``drop`` hangs up, ``hang`` says nothing until the caller has given up.
    """

    answers: dict[str, str] = field(default_factory=dict)
    messages: list[EmailMessage] = field(default_factory=list)
    port: int = 0


class Handler(socketserver.StreamRequestHandler):
    """One conversation."""

    server: Server

    def handle(self) -> None:
        if not self.say("connect", "220 sink.example.org ready"):
            return
        while line := self.rfile.readline():
            verb = line.split(b" ")[0].strip().upper()
            if verb == b"QUIT":
                self.say("quit", "221 bye")
                return
            steps = {b"EHLO": ("ehlo", "250 sink"), b"MAIL": ("mail", "250 ok"), b"RCPT": ("rcpt", "250 ok")}
            if verb == b"DATA":
                if not self.take_message():
                    return
            elif verb in steps:
                if not self.say(*steps[verb]):
                    return
            else:
                self.say("other", "250 ok")

    def take_message(self) -> bool:
        if not self.say("data", "354 go on"):
            return False
        if self.server.sink.answers.get("data", "354").startswith("354"):
            lines = []
            while (line := self.rfile.readline()) not in {b".\r\n", b""}:
                lines.append(line.removeprefix(b"."))
            parsed = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
            assert isinstance(parsed, EmailMessage)
            self.server.sink.messages.append(parsed)
            return self.say("message", "250 accepted")
        return True

    def say(self, step: str, usual: str) -> bool:
        """Answer; ``False`` when the conversation is over."""
        reply = self.server.sink.answers.get(step, usual)
        if reply == "hang":
            time.sleep(1.5)
            return False
        if reply == "drop":
            return False
        self.wfile.write(f"{reply}\r\n".encode())
        return True


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    sink: Sink


@contextmanager
def running(**answers: str) -> Iterator[Sink]:
    """A sink on a free port of this machine."""
    with Server(("127.0.0.1", 0), Handler) as server:
        server.sink = Sink(answers=answers, port=server.server_address[1])
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server.sink
        server.shutdown()
