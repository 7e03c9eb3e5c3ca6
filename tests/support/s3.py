"""An S3 endpoint on the loopback interface for tests: moto's server, in a process of its own."""

import select
import socket
import socketserver
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from tests.support.server import free_port

__all__ = ["S3Server"]

_START_SECONDS = 120


class _Gate:
    """A port that forwards to another one, and refuses connections while it is closed."""

    def __init__(self, target: int) -> None:
        self.port, self._target = free_port(), target
        self._server: socketserver.ThreadingTCPServer | None = None
        self._open: set[socket.socket] = set()

    def open(self) -> None:
        gate = self

        class Forward(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                gate._forward(self.request)

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", self.port), Forward)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        for each in list(self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _forward(self, asking: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self._target)) as answering:
            both = {asking: answering, answering: asking}
            self._open |= both.keys()
            with suppress(OSError):
                while ready := select.select(list(both), [], [])[0]:
                    parts = [(each, each.recv(65_536)) for each in ready]
                    for each, part in parts:
                        both[each].sendall(part)
                    if not all(part for _, part in parts):
                        break
            self._open -= both.keys()


class S3Server:
    """A server whose buckets are gone once it has ended. Any credentials are good."""

    def __init__(self, log: Path) -> None:
        self._port, self._log = free_port(), log
        self._gate = _Gate(self._port)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        """What a program needs to use it."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._gate.port}",
            "MLFLOW_S3_ENDPOINT_URL": f"http://127.0.0.1:{self._gate.port}",
            "AWS_ACCESS_KEY_ID": "tester",
            "AWS_SECRET_ACCESS_KEY": "not-a-secret",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def client(self) -> Any:
        """Return a client of the endpoint."""
        import boto3

        values = self.environment
        return boto3.client(
            "s3",
            endpoint_url=values["AWS_ENDPOINT_URL"],
            aws_access_key_id=values["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=values["AWS_SECRET_ACCESS_KEY"],
            region_name=values["AWS_DEFAULT_REGION"],
        )

    def create(self, bucket: str) -> str:
        """Create a bucket and return its URI."""
        self.client().create_bucket(Bucket=bucket)
        return f"s3://{bucket}"

    def go_away(self) -> None:
        """Refuse every connection, without losing the buckets."""
        self._gate.close()

    def come_back(self) -> None:
        """Answer again, at the same address."""
        self._gate.open()

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self._port)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + _START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/moto-api/", timeout=1):
                    self._gate.open()
                    return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        self.__exit__()
        raise RuntimeError(f"moto's server did not start: {self._log.read_text()[-2000:]}")

    def __exit__(self, *error: object) -> None:
        self._gate.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
