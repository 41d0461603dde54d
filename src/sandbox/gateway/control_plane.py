"""The sandbox's control plane: moto, with what it lacks on the tutorial's way, kept across restarts.

Usage: ``python -m sandbox.gateway.control_plane --journal FOLDER``. Listens on 127.0.0.1 on a free port and, once it answers, writes
one line of JSON to stdout: ``{"port": N, "replayed": N}``. It ends when its stdin ends, so that it never outlives
the gateway that started it.

Added to moto, in moto's own backends (``services/*/operations.py``):

- Glue: UpdateJob, UpdateTrigger, UpdateCrawler, UpdateConnection, DeleteConnection, BatchDeleteConnection,
  TestConnection (as far as a modelled network can tell), GetWorkflow's and BatchGetWorkflows' Graph.
- IAM: SimulatePrincipalPolicy (identity policies), ListInstanceProfileTags. SSM: DescribeInstanceInformation.
- Athena: UpdateWorkGroup. QuickSight: Describe-, List-, Update- and DeleteDataSet, Update- and DeleteDashboard,
  UpdateDashboardPublishedVersion, the Describe…Permissions, DescribeAccountSubscription (always subscribed).

Put right:

- The caller is an IAM user (``user/sandbox``), not an STS impossibility. Creating a Glue job, trigger or workflow, a
  Lambda permission, a QuickSight data source, data set or dashboard twice is refused. RunInstances keeps to its client
  token; root volumes and interfaces go with their instance; an unknown instance profile has AWS's error. Addresses in
  use are not released, groups in use and users with keys or a password not deleted. Gateway endpoints route, and go
  when deleted. Elastic addresses are not loopback ones. A workflow has one starting trigger; deleting one deletes its
  triggers; deleted things leave no tags. The service-linked role of Lake Formation has its real name. Grants name
  principals and resources that exist; revoking what is not there is an error; partial revokes work. The account's and
  the database's default permissions apply to what is made, its maker (a job's role) has all rights on it, and what is
  deleted has no grants. A role that does not trust Lambda cannot be a function's. Unknown work groups are errors.
  Times of QuickSight are numbers. S3's listings break off at common prefixes, show none whose objects are all deleted, and
  go on from their tokens after a restart.

Refused with 501 ``NotImplemented``, because moto would only pretend: Glue StartCrawler, StopCrawler, StartJobRun,
StartWorkflowRun, StopWorkflowRun; Lambda Invoke; Athena StartQueryExecution; SSM SendCommand. The gateway's routes do
these for real where the sandbox has an engine. So is everything that moto does not know at all.
"""

from __future__ import annotations

import argparse
import gc
import html
import importlib
import json
import logging
import os
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, Callable, Iterable

# What is loaded and replayed mostly stays: looking for garbage at the usual pace takes a quarter of the start.
usual_pace = gc.get_threshold()
gc.set_threshold(200_000, 100, 1000)

for name in [name for name in os.environ if name.startswith("MOTO_")]:
    del os.environ[name]
os.environ["MOTO_ACCOUNT_ID"] = "000000000000"
# Web pages have no business here.
os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

from moto.core.config import default_user_config  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

import sandbox.store.moto_caches  # noqa: E402, F401
import sandbox.store.moto_start  # noqa: E402, F401
from sandbox.kernel import peers  # noqa: E402
from sandbox.kernel.extend import Refusal  # noqa: E402
from sandbox.kernel.inspection import Inspecting  # noqa: E402
from sandbox.store.call import Call  # noqa: E402
from sandbox.store.determinism import install_determinism  # noqa: E402
from sandbox.store.folder_lock import FolderLock  # noqa: E402
from sandbox.store.journal import Journal, WsgiApp  # noqa: E402

# What the services add to moto. By name, as a statement cannot import the folder `lambda`.
for path in sorted((Path(__file__).parent.parent / "services").glob("*/operations.py")):
    importlib.import_module(f"sandbox.services.{path.parent.name}.operations")

from sandbox.services.s3.plain_uploads import PlainPuts  # noqa: E402

#: Where AWS's status is not 400.
#: Source: botocore iam 1.44.5 NoSuchEntityException, 2026-11-28
#: Source: botocore iam 1.44.5 DeleteConflictException, 2026-11-28
#: Source: botocore lambda 1.44.5 ResourceNotFoundException, 2026-11-28
#: Source: botocore lambda 1.44.5 ResourceConflictException, 2026-11-28
#: Source: botocore quicksight 1.44.5 ResourceExistsException, 2026-11-28
STATUS = {
    "AccessDenied": "403 Forbidden",
    "NoSuchEntity": "404 Not Found",
    "ResourceNotFoundException": "404 Not Found",
    "DeleteConflict": "409 Conflict",
    "ResourceConflictException": "409 Conflict",
    "ResourceExistsException": "409 Conflict",
}

QUERY_SERVICES = ("iam", "sts", "sqs", "sns", "cloudformation")


class Answering:
    """Gives AWS's shape to what moto does not know (a 404 page, an exception) and to its failures."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        head: list[Any] = []
        try:
            chunks = self._app(environ, lambda status, headers, exc=None: head.__setitem__(slice(None), [status, headers]))
            if self._is_unknown(environ, *head):
                raise NotImplementedError
        except Refusal as refusal:
            return self.error(Call(environ, None), start_response, STATUS.get(refusal.code, "400 Bad Request"), refusal.code, refusal.message)
        # Some services of moto need packages that a lake does not: they are not installed.
        except (NotImplementedError, ModuleNotFoundError):
            call = Call(environ, None)
            what = call.action or f"{call.method} {environ.get('PATH_INFO')}"
            return self.error(call, start_response, "501 Not Implemented", "NotImplemented", f"The sandbox does not implement {call.service} {what}.")
        except Exception as error:
            # A read that iterates over what a change touches right now: moto has no locks. The read is asked again.
            if isinstance(error, RuntimeError) and "during iteration" in str(error):
                environ["wsgi.input"].seek(0)
                return self(environ, start_response)
            traceback.print_exc()
            return self.error(Call(environ, None), start_response, "500 Internal Server Error", "InternalFailure", "The sandbox failed; see its log.")
        start_response(*head)
        return chunks

    @staticmethod
    def _is_unknown(environ: dict[str, Any], status: str, headers: list[tuple[str, str]]) -> bool:
        """A page of the web framework: no service of moto has such a path. (S3 has them all.)"""
        is_page = dict(headers).get("Content-Type", "").startswith("text/html")
        return is_page and status.startswith(("404", "405")) and Call(environ, None).service != "s3"

    def error(self, call: Call, start_response: Callable[..., Any], status: str, code: str, message: str) -> list[bytes]:
        fields = f"<Code>{code}</Code><Message>{html.escape(message)}</Message>"
        if call.service == "s3":
            kind, body = "application/xml", f"<Error>{fields}</Error>"
        elif call.service == "ec2":
            kind, body = "application/xml", f"<Response><Errors><Error>{fields}</Error></Errors><RequestID>sandbox</RequestID></Response>"
        elif call.service in QUERY_SERVICES:
            kind, body = "application/xml", f"<ErrorResponse><Error><Type>Sender</Type>{fields}</Error><RequestId>sandbox</RequestId></ErrorResponse>"
        else:
            kind, body = "application/json", json.dumps({"__type": code, "message": message})
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body.encode()))), ("x-amzn-errortype", code)])
        return [body.encode()]


def backend_app(service: Any) -> Any:
    """moto's application for a service. Its own interface, by which anybody empties the account, is none of AWS's.

    Source: our own (moto's own interface, which AWS has not), 2026-11-28
    """
    if service.startswith("moto_api"):
        raise Refusal("AccessDenied", "AWS has nothing there, and what its stand-in has is closed.")
    return create_backend_app(service)


def make_app() -> Answering:
    """moto with what it lacks, as one application."""
    return Answering(PlainPuts(DomainDispatcherApplication(backend_app)))


def guard(server: Any) -> None:
    """Keeps a server to who started it, where the system tells whose a connection is."""
    _, lookup = peers.how()
    if lookup:
        server.verify_request = lambda request, client: peers.is_own(lookup(client, request.getsockname()))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--journal", type=Path, required=True)
    options = parser.parse_args()
    os.umask(0o077)
    lock = FolderLock(options.journal, seconds=10)
    # Creating a function must not need Docker; invoking one is the gateway's.
    default_user_config["lambda"] = {"use_docker": False}
    install_determinism()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    answering = make_app()
    journal = Journal(answering, options.journal, answering.error, PlainPuts)
    replayed = journal.replay()
    server = make_server("127.0.0.1", 0, Inspecting(journal), threaded=True, request_handler=MotoRequestHandler)
    guard(server)
    print(json.dumps({"port": server.server_port, "replayed": replayed, "damaged": journal.damaged}), flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*usual_pace)
    sys.stdin.buffer.read()
    journal.close()
    del lock
    os._exit(0)


if __name__ == "__main__":
    main()
