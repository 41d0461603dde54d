"""An execution environment of AWS Lambda's Python runtime: holds one function's code and runs its handler, again and again.

Usage: ``python worker.py HANDLER ZIP FOLDER``. The environment is the function's. Requests come as one JSON
document a line on stdin, answers go likewise to the stdout that this process was started with; what the handler
prints goes to stderr, where a line ``\\0REQUEST_ID`` ends each invocation. It ends when its stdin ends.

Wherever the code connects to, the gateway is asked first: it answers from the modelled network. A private address of
that network cannot be bound on this machine, so what is reachable there is dialled elsewhere, and what is not ends at
an address that never answers.

Source: aws/aws-lambda-python-runtime-interface-client awslambdaric/bootstrap.py, 2026-11-28 (whole file)
Source: aws/aws-lambda-python-runtime-interface-client#10, 2026-11-28 (whole file)
"""

from __future__ import annotations

import errno
import importlib
import json
import os
import socket
import sys
import threading
import time
import traceback
import zipfile
from typing import Any

# What it makes is its user's alone; it has as many files open as on AWS, and leaves no image of its memory.
# Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (file descriptors), 2026-11-28
os.umask(0o077)
if os.name != "nt":
    import resource

    for limit, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, 1024)):
        hard = resource.getrlimit(limit)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (most, most))

requests = sys.stdin
answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)
sys.stdin = open(os.devnull)

asking = threading.Lock()


def tell(document: dict[str, Any]) -> None:
    answers.write(json.dumps(document) + "\n")
    answers.flush()


def dialled(family: int, address: Any) -> Any:
    if family == socket.AF_INET6:
        raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))  # the modelled network has no IPv6
    if family != socket.AF_INET:
        return address
    with asking:
        tell({"reach": [str(address[0]), int(address[1])]})
        return tuple(json.loads(requests.readline())["dial"])


socket_connect = socket.socket.connect
socket_connect_ex = socket.socket.connect_ex


def connect(self: socket.socket, address: Any) -> None:
    socket_connect(self, dialled(self.family, address))


def connect_ex(self: socket.socket, address: Any) -> int:
    return socket_connect_ex(self, dialled(self.family, address))


class Context:
    """What Lambda passes to a handler beside the event."""

    def __init__(self, invocation: dict[str, Any]) -> None:
        self._deadline = time.monotonic() + invocation["timeout"]
        self.aws_request_id = invocation["requestId"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.invoked_function_arn = invocation["arn"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = self.client_context = None

    def get_remaining_time_in_millis(self) -> int:
        return max(0, round((self._deadline - time.monotonic()) * 1000))


class RuntimeFailure(Exception):
    """What Lambda's runtime says itself, by the name it has there."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def load(handler: str, archive: str, folder: str) -> Any:
    if not os.path.exists(os.path.join(folder, ".complete")):
        with zipfile.ZipFile(archive) as code:
            code.extractall(folder)
        open(os.path.join(folder, ".complete"), "w").close()
    sys.path.insert(0, folder)
    os.chdir(folder)
    module, _, name = handler.rpartition(".")
    try:
        found = importlib.import_module(module.replace("/", "."))
    except SyntaxError as error:
        raise RuntimeFailure("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module}': {error}") from None
    except ImportError as error:
        raise RuntimeFailure("Runtime.ImportModuleError", f"Unable to import module '{module}': {error}") from None
    if not hasattr(found, name):
        raise RuntimeFailure("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module}'")
    return getattr(found, name)


def failure(error: BaseException) -> dict[str, Any]:
    if isinstance(error, RuntimeFailure):
        return {"errorMessage": str(error), "errorType": error.kind, "stackTrace": []}
    # The first frame is this file's.
    frames = traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
    return {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": frames}


def main() -> None:
    handler: Any = None
    for line in iter(requests.readline, ""):
        invocation = json.loads(line)
        try:
            handler = handler or load(*sys.argv[1:4])
            result = handler(invocation["event"], Context(invocation))
            try:
                answer = {"result": json.dumps(result)}
            except (TypeError, ValueError) as error:
                raise RuntimeFailure("Runtime.MarshalError", f"Unable to marshal response: {error}") from None
        except SystemExit as error:
            answer = {"failure": {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {invocation['requestId']} Error: Runtime exited with error: exit status {error.code or 0}"}}
        except BaseException as error:
            shown = {**failure(error), "requestId": invocation["requestId"]}
            print(f"[ERROR] {shown['errorType']}: {shown['errorMessage']}\nTraceback (most recent call last):\n{''.join(shown['stackTrace'])}", end="", file=sys.stderr)
            answer = {"failure": shown}
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(2, f"\0{invocation['requestId']}\n".encode())
        tell(answer)


socket.socket.connect = connect  # type: ignore[method-assign]
socket.socket.connect_ex = connect_ex  # type: ignore[method-assign]
main()
