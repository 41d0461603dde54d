"""The sandbox's control plane: moto, with what it lacks on the tutorial's way, kept across restarts.

Usage: ``python control_plane.py --journal FOLDER``. Listens on 127.0.0.1 on a free port and, once it answers, writes
one line of JSON to stdout: ``{"port": N, "replayed": N}``. It ends when its stdin ends, so that it never outlives
the gateway that started it.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import threading
from pathlib import Path

ACCOUNT = "000000000000"

for name in [name for name in os.environ if name.startswith("MOTO_")]:
    del os.environ[name]
os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

from moto.core.config import default_user_config  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

from journal import FolderLock, Journal, install_determinism  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--journal", type=Path, required=True)
    options = parser.parse_args()
    lock = FolderLock(options.journal, seconds=10)
    # Creating a function must not need Docker; invoking one is the gateway's.
    default_user_config["lambda"] = {"use_docker": False}
    install_determinism()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    journal = Journal(DomainDispatcherApplication(create_backend_app), options.journal)
    replayed = journal.replay()
    server = make_server("127.0.0.1", 0, journal, threaded=True, request_handler=MotoRequestHandler)
    print(json.dumps({"port": server.server_port, "replayed": replayed}), flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.buffer.read()
    del lock
    os._exit(0)


if __name__ == "__main__":
    main()
