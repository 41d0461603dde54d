"""AWS Glue: what moto lacks of the catalog of jobs, crawlers, triggers, workflows and connections.

What *runs* (crawls, job runs, workflow runs) is not here: the sandbox's runtime does that, moto only pretends.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any, Callable, Iterable

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.glue.exceptions import CrawlerNotFoundException, TableNotFoundException
from moto.glue.models import FakeConnection, FakeWorkflow, GlueBackend
from moto.glue.responses import GlueResponse

import sandbox.services.glue.inspections  # noqa: F401
from sandbox.kernel.extend import Hollow, around, body_of, hollow, operation, refuse, with_body
from sandbox.services.glue.connection_reachability import connection_problem
from sandbox.services.glue.job_sizes import refuse_size

# Source: https://docs.aws.amazon.com/glue/latest/dg/workflows_overview.html, 2026-11-28
#: Kinds of triggers that start a workflow; Glue permits one in each.
STARTING = ("SCHEDULED", "ON_DEMAND", "EVENT")

hollow(GlueResponse, "start_crawler", "stop_crawler", "start_job_run", "start_workflow_run", "stop_workflow_run")


def _arn(backend: GlueBackend, kind: str, name: str) -> str:
    return f"arn:aws:glue:{backend.region_name}:{backend.account_id}:{kind}/{name}"


# --- What is not there, in AWS's words rather than moto's ---------------------------------------------------------------


@around(GlueResponse, "get_table")
def get_table(original: Any, self: GlueResponse) -> Any:
    """Source: botocore glue 1.44.5 GetTable, 2026-11-28
    Source: botocore glue 1.44.5 EntityNotFoundException, 2026-11-28
    Source: none found (tried: code and issues search; the words are those that Athena passes on from Glue), 2026-11-28
    """
    try:
        return original()
    except TableNotFoundException:
        refuse("EntityNotFoundException", "Entity Not Found")


@around(GlueBackend, "get_crawler")
def get_crawler(original: Any, self: GlueBackend, name: str) -> Any:
    """Source: botocore glue 1.44.5 GetCrawler, 2026-11-28
    Source: iann0036/AWSConsoleRecorder#35, 2026-11-28
    """
    try:
        return original(name)
    except CrawlerNotFoundException:
        refuse("EntityNotFoundException", f"Crawler entry with name {name} does not exist")


# --- Creating twice is refused, as on AWS; moto overwrites. -----------------------------------------------------------


@around(GlueResponse, "create_job")
def create_job(original: Any, self: GlueResponse) -> Any:
    """Source: botocore glue 1.44.5 CreateJob, 2026-11-28
    Source: none found (tried: code search for the words "Job with name: … already exists"), 2026-11-28
    """
    name = body_of(self)["Name"]
    if name in self.glue_backend.jobs:
        refuse("AlreadyExistsException", f"Job with name: {name} already exists.")
    refuse_size(body_of(self))
    return original()


@around(GlueResponse, "create_workflow")
def create_workflow(original: Any, self: GlueResponse) -> Any:
    """Source: botocore glue 1.44.5 CreateWorkflow, 2026-11-28
    Source: https://docs.aws.amazon.com/glue/latest/dg/blueprint_workflow_troubleshoot.html, 2026-11-28
    """
    name = body_of(self)["Name"]
    if name in self.glue_backend.workflows:
        refuse("AlreadyExistsException", f"Workflow with name {name} already exists.")
    return original()


@around(GlueResponse, "create_trigger")
def create_trigger(original: Any, self: GlueResponse) -> Any:
    """Source: botocore glue 1.44.5 CreateTrigger, 2026-11-28
    Source: https://docs.aws.amazon.com/glue/latest/dg/blueprint_workflow_troubleshoot.html, 2026-11-28
    Source: https://docs.aws.amazon.com/glue/latest/dg/workflows_overview.html, 2026-11-28
    Source: none found (tried: code search for the words of the refusals for a missing workflow and a second starting trigger), 2026-11-28
    """
    body = body_of(self)
    triggers, workflow = self.glue_backend.triggers, body.get("WorkflowName")
    if body["Name"] in triggers:
        refuse("AlreadyExistsException", f"Trigger with name {body['Name']} already submitted with different configuration.")
    if workflow and workflow not in self.glue_backend.workflows:
        refuse("EntityNotFoundException", f"Workflow {workflow} not found.")
    if workflow and body["Type"] in STARTING:
        for other in triggers.values():
            if other.workflow_name == workflow and other.trigger_type in STARTING:
                refuse("InvalidInputException", f"Workflow {workflow} already has a starting trigger: {other.name}.")
    return with_body(self, _with_logical(body), original)


def _with_logical(body: dict[str, Any]) -> dict[str, Any]:
    """`Logical` is optional for a single condition; moto insists on it.

    Source: botocore glue 1.44.5 Predicate, 2026-11-28
    """
    predicate = body.get("Predicate")
    return {**body, "Predicate": {"Logical": "ANY", **predicate}} if predicate else body


# --- Updates -----------------------------------------------------------------------------------------------------------

_create_job = GlueResponse.create_job.__wrapped__
_create_trigger = GlueResponse.create_trigger.__wrapped__


@operation(GlueResponse)
def update_job(self: GlueResponse) -> ActionResult:
    """Overwrites the whole definition: what is left out returns to its default.

    Source: botocore glue 1.44.5 JobUpdate, 2026-11-28
    """
    body = body_of(self)
    name, old = body["JobName"], self.glue_backend.get_job(body["JobName"])
    refuse_size(body["JobUpdate"])
    with_body(self, {**body["JobUpdate"], "Name": name}, lambda: _create_job(self))
    new = self.glue_backend.jobs[name]
    new.created_on, new.job_runs = old.created_on, old.job_runs
    return ActionResult({"JobName": name})


@operation(GlueResponse)
def update_trigger(self: GlueResponse) -> ActionResult:
    """Overwrites the whole definition, except type, workflow and state.

    Source: botocore glue 1.44.5 TriggerUpdate, 2026-11-28
    """
    body = body_of(self)
    name, old = body["Name"], self.glue_backend.get_trigger(body["Name"])
    same = {"Name": name, "Type": old.trigger_type, "WorkflowName": old.workflow_name}
    with_body(self, _with_logical({**body["TriggerUpdate"], **same}), lambda: _create_trigger(self))
    new = self.glue_backend.triggers[name]
    new.state = old.state
    return ActionResult({"Trigger": new.as_dict()})


@operation(GlueResponse)
def update_crawler(self: GlueResponse) -> EmptyResult:
    """Changes what is given and keeps the rest.

    Source: botocore glue 1.44.5 UpdateCrawler, 2026-11-28
    Source: none found (tried: code search for the words of CrawlerRunningException here; CloudFormation reports others, see aws-cloudformation/cloudformation-coverage-roadmap#817), 2026-11-28
    """
    body = body_of(self)
    crawler = self.glue_backend.get_crawler(body["Name"])
    if crawler.status == "RUNNING":
        refuse("CrawlerRunningException", f"Crawler with name {crawler.name} is currently running.")
    fields = {
        "Role": "role",
        "DatabaseName": "database_name",
        "Description": "description",
        "Targets": "targets",
        "Schedule": "schedule",
        "Classifiers": "classifiers",
        "TablePrefix": "table_prefix",
        "SchemaChangePolicy": "schema_change_policy",
        "RecrawlPolicy": "recrawl_policy",
        "LineageConfiguration": "lineage_configuration",
        "Configuration": "configuration",
        "CrawlerSecurityConfiguration": "crawler_security_configuration",
    }
    for parameter, attribute in fields.items():
        if parameter in body:
            setattr(crawler, attribute, body[parameter])
    crawler.version += 1
    crawler.last_updated = utcnow()
    return EmptyResult()


# --- Classifiers, which moto has none of -------------------------------------------------------------------------------


def _classifiers(backend: GlueBackend) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = backend.__dict__.setdefault("classifiers", {})
    return found


def _given_classifier(response: GlueResponse) -> tuple[str, dict[str, Any]]:
    """The kind and the fields of the one classifier that a request has.

    Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-classifiers.html, 2026-11-28
    Source: none found (tried: botocore, which has no words for a request with none or several), 2026-11-28
    """
    given = {kind: fields for kind, fields in body_of(response).items() if kind.endswith("Classifier") and fields}
    if len(given) != 1:
        refuse("InvalidInputException", "Exactly one classifier must be specified.")
    [(kind, fields)] = given.items()
    if kind not in ("CsvClassifier", "JsonClassifier"):
        raise Hollow(f"{kind}: the sandbox has CsvClassifier and JsonClassifier")
    if len(fields.get("Delimiter") or ",") != 1 or len(fields.get("QuoteSymbol") or '"') != 1:
        refuse("InvalidInputException", "Delimiter and QuoteSymbol must be single characters.")
    return kind, fields


def _no_classifier(name: str) -> Any:
    """Source: botocore glue 1.44.5 EntityNotFoundException, 2026-11-28
    Source: none found (tried: code search for the words of GetClassifier for one that is not there), 2026-11-28
    """
    refuse("EntityNotFoundException", f"Classifier {name} not found")


@operation(GlueResponse)
def create_classifier(self: GlueResponse) -> EmptyResult:
    """Source: botocore glue 1.44.5 CreateClassifier, 2026-11-28
    Source: none found (tried: code search for the words of AlreadyExistsException of a classifier), 2026-11-28
    """
    kind, fields = _given_classifier(self)
    known = _classifiers(self.glue_backend)
    if fields["Name"] in known:
        refuse("AlreadyExistsException", f"Classifier {fields['Name']} already exists")
    known[fields["Name"]] = {kind: {**fields, "CreationTime": utcnow(), "LastUpdated": utcnow(), "Version": 1}}
    return EmptyResult()


@operation(GlueResponse)
def update_classifier(self: GlueResponse) -> EmptyResult:
    """Source: botocore glue 1.44.5 UpdateClassifier, 2026-11-28"""
    kind, fields = _given_classifier(self)
    before = _classifiers(self.glue_backend).get(fields["Name"], {}).get(kind) or _no_classifier(fields["Name"])
    _classifiers(self.glue_backend)[fields["Name"]] = {kind: {**before, **fields, "LastUpdated": utcnow(), "Version": before["Version"] + 1}}
    return EmptyResult()


@operation(GlueResponse)
def get_classifier(self: GlueResponse) -> ActionResult:
    """Source: botocore glue 1.44.5 GetClassifier, 2026-11-28"""
    name = body_of(self)["Name"]
    return ActionResult({"Classifier": _classifiers(self.glue_backend).get(name) or _no_classifier(name)})


@operation(GlueResponse)
def get_classifiers(self: GlueResponse) -> ActionResult:
    """Source: botocore glue 1.44.5 GetClassifiers, 2026-11-28"""
    page, token = _page(body_of(self), _classifiers(self.glue_backend).items(), lambda each: each[0], 1000)
    return ActionResult({"Classifiers": [classifier for _, classifier in page], **token})


@operation(GlueResponse)
def delete_classifier(self: GlueResponse) -> EmptyResult:
    """Source: botocore glue 1.44.5 DeleteClassifier, 2026-11-28"""
    name = body_of(self)["Name"]
    _classifiers(self.glue_backend).pop(name, None) or _no_classifier(name)
    return EmptyResult()


# --- Connections -------------------------------------------------------------------------------------------------------


@around(FakeConnection, "as_dict")
def as_dict(original: Any, self: FakeConnection, hide_password: bool = False) -> dict[str, Any]:
    """moto leaves out what kind of connection it is.

    Source: botocore glue 1.44.5 Connection, 2026-11-28
    """
    given = {name: self.connection_input[name] for name in ("ConnectionType", "MatchCriteria") if name in self.connection_input}
    return {**original(hide_password), **given}


@operation(GlueResponse)
def update_connection(self: GlueResponse) -> EmptyResult:
    """Source: botocore glue 1.44.5 UpdateConnection, 2026-11-28
    Source: none found (tried: botocore, for what a new name in ConnectionInput does), 2026-11-28
    """
    body, backend = body_of(self), self.glue_backend
    old = backend.get_connection(None, body["Name"], None)
    new_name = body["ConnectionInput"].get("Name", body["Name"])
    if new_name != body["Name"]:
        refuse("InvalidInputException", "The name of a connection cannot be changed.")
    del backend.connections[new_name]
    backend.create_connection(body.get("CatalogId"), {**body["ConnectionInput"], "Name": new_name}, None)
    backend.connections[new_name].created_time = old.created_time
    return EmptyResult()


@operation(GlueResponse)
def delete_connection(self: GlueResponse) -> EmptyResult:
    """Source: botocore glue 1.44.5 DeleteConnection, 2026-11-28"""
    name, backend = body_of(self)["ConnectionName"], self.glue_backend
    backend.get_connection(None, name, None)
    _forget_connection(backend, name)
    return EmptyResult()


@operation(GlueResponse)
def batch_delete_connection(self: GlueResponse) -> ActionResult:
    """Source: botocore glue 1.44.5 BatchDeleteConnectionResponse, 2026-11-28
    Source: none found (tried: botocore, which has no words for an error in the answer), 2026-11-28
    """
    backend = self.glue_backend
    done, failed = [], {}
    for name in body_of(self)["ConnectionNameList"]:
        if name in backend.connections:
            _forget_connection(backend, name)
            done.append(name)
        else:
            failed[name] = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": f"Connection {name} not found"}
    return ActionResult({"Succeeded": done, "Errors": failed})


def _forget_connection(backend: GlueBackend, name: str) -> None:
    del backend.connections[name]
    backend.tagger.delete_all_tags_for_resource(_arn(backend, "connection", name))


@operation(GlueResponse)
def test_connection(self: GlueResponse) -> EmptyResult:
    """Judges what a control plane can know: the way from Glue's interfaces to the database and to S3.

    Source: botocore glue 1.44.5 TestConnection, 2026-11-28
    Source: https://docs.aws.amazon.com/glue/latest/dg/glue-troubleshooting-errors.html, 2026-11-28
    """
    body = body_of(self)
    if "ConnectionName" in body:
        connection = self.glue_backend.get_connection(None, body["ConnectionName"], None).connection_input
    else:
        connection = body["TestConnectionInput"]
    problem = connection_problem(self.current_account, self.region, connection)
    if problem:
        refuse("InvalidInputException", problem)
    return EmptyResult()


# --- Deleting forgets the tags too: a namesake must not inherit them. --------------------------------------------------


@around(GlueBackend, "delete_job")
def delete_job(original: Any, self: GlueBackend, name: str) -> None:
    """Source: botocore glue 1.44.5 DeleteJob, 2026-11-28
    Source: none found (tried: botocore, for what becomes of tags), 2026-11-28
    """
    original(name)
    self.tagger.delete_all_tags_for_resource(_arn(self, "job", name))


@around(GlueBackend, "delete_trigger")
def delete_trigger(original: Any, self: GlueBackend, name: str) -> None:
    """Source: botocore glue 1.44.5 DeleteTrigger, 2026-11-28
    Source: none found (tried: botocore, for what becomes of tags), 2026-11-28
    """
    original(name)
    self.tagger.delete_all_tags_for_resource(_arn(self, "trigger", name))


@around(GlueBackend, "delete_crawler")
def delete_crawler(original: Any, self: GlueBackend, name: str) -> None:
    """Source: botocore glue 1.44.5 DeleteCrawler, 2026-11-28
    Source: none found (tried: botocore, for what becomes of tags), 2026-11-28
    """
    self.get_crawler(name)
    original(name)
    self.tagger.delete_all_tags_for_resource(_arn(self, "crawler", name))


@around(GlueBackend, "delete_database")
def delete_database(original: Any, self: GlueBackend, name: str) -> None:
    """Source: botocore glue 1.44.5 DeleteDatabase, 2026-11-28
    Source: none found (tried: botocore, for what becomes of tags), 2026-11-28
    """
    original(name)
    self.tagger.delete_all_tags_for_resource(_arn(self, "database", name))


@around(GlueResponse, "delete_workflow")
def delete_workflow(original: Any, self: GlueResponse) -> Any:
    """The triggers of a workflow go with it.

    Source: botocore glue 1.44.5 DeleteWorkflow, 2026-11-28
    Source: none found (tried: botocore, for what becomes of the triggers), 2026-11-28
    """
    name = body_of(self)["Name"]
    for trigger in [trigger for trigger in self.glue_backend.triggers.values() if trigger.workflow_name == name]:
        self.glue_backend.delete_trigger(trigger.name)
    return original()


# --- Workflows ---------------------------------------------------------------------------------------------------------


@operation(GlueResponse)
def get_workflow(self: GlueResponse) -> ActionResult:
    """Source: botocore glue 1.44.5 GetWorkflow, 2026-11-28"""
    body = body_of(self)
    workflow = self.glue_backend.get_workflow(body["Name"])
    if body.get("IncludeGraph"):
        workflow["Graph"] = workflow_graph(self.glue_backend, body["Name"])
    return ActionResult({"Workflow": workflow})


@operation(GlueResponse)
def batch_get_workflows(self: GlueResponse) -> ActionResult:
    """Source: botocore glue 1.44.5 BatchGetWorkflows, 2026-11-28"""
    body, backend = body_of(self), self.glue_backend
    found: list[FakeWorkflow] = [backend.workflows[name] for name in body["Names"] if name in backend.workflows]
    graphs = {workflow.name: {"Graph": workflow_graph(backend, workflow.name)} for workflow in found} if body.get("IncludeGraph") else {}
    return ActionResult(
        {
            "Workflows": [{**workflow.as_dict(), **graphs.get(workflow.name, {})} for workflow in found],
            "MissingWorkflows": [name for name in body["Names"] if name not in backend.workflows],
        }
    )


def workflow_graph(backend: GlueBackend, workflow: str) -> dict[str, Any]:
    """The nodes and edges that a workflow's triggers span.

    Source: botocore glue 1.44.5 WorkflowGraph, 2026-11-28
    Source: botocore glue 1.44.5 Node, 2026-11-28
    Source: botocore glue 1.44.5 Edge, 2026-11-28
    """
    nodes: dict[str, dict[str, Any]] = {}
    edges: list[dict[str, str]] = []

    def node(kind: str, name: str, details: dict[str, Any]) -> str:
        identifier = "wnode_" + hashlib.sha256(f"{workflow}/{kind}/{name}".encode()).hexdigest()
        nodes.setdefault(identifier, {"Type": kind, "Name": name, "UniqueId": identifier, **details})
        return identifier

    def runnable(what: Any) -> str:
        if what.job_name:
            return node("JOB", what.job_name, {"JobDetails": {"JobRuns": []}})
        return node("CRAWLER", what.crawler_name, {"CrawlerDetails": {"Crawls": []}})

    for trigger in backend.triggers.values():
        if trigger.workflow_name == workflow:
            identifier = node("TRIGGER", trigger.name, {"TriggerDetails": {"Trigger": trigger.as_dict()}})
            for condition in trigger.predicate.conditions if trigger.predicate else []:
                edges.append({"SourceId": runnable(condition), "DestinationId": identifier})
            for action in trigger.actions:
                edges.append({"SourceId": identifier, "DestinationId": runnable(action)})
    return {"Nodes": list(nodes.values()), "Edges": edges}


# --- Pages of the Data Catalog: moto gives all at once, however many. --------------------------------------------------


def _page(body: dict[str, Any], items: Iterable[Any], key: Callable[[Any], Any], most: int) -> tuple[list[Any], dict[str, str]]:
    """The items of a page, in the order of their keys, and the token for the rest. A token names the last key, so that nothing is passed over when what was listed is deleted meanwhile.

    Source: botocore glue 1.44.5 CatalogGetterPageSize, 2026-11-28
    Source: botocore glue 1.44.5 PageSize, 2026-11-28
    Source: none found (tried: botocore, which has no words for a bad token), 2026-11-28
    """
    wanted = body.get("MaxResults", most)
    for violated, limit in ((wanted < 1, f"greater than or equal to {1}"), (wanted > most, f"less than or equal to {most}")):
        if violated:
            refuse("ValidationException", f"1 validation error detected: Value '{wanted}' at 'maxResults' failed to satisfy constraint: Member must have value {limit}")
    rest = sorted(items, key=key)
    if body.get("NextToken"):
        try:
            last = json.loads(base64.urlsafe_b64decode(body["NextToken"]))
            rest = [item for item in rest if key(item) > last]
        except (binascii.Error, ValueError, TypeError):
            refuse("InvalidInputException", "The token for the next page is not valid.")
    page = rest[:wanted]
    return page, {"NextToken": base64.urlsafe_b64encode(json.dumps(key(page[-1])).encode()).decode()} if len(rest) > wanted else {}


@operation(GlueResponse)
def get_databases(self: GlueResponse) -> ActionResult:
    """Source: botocore glue 1.44.5 GetDatabases, 2026-11-28"""
    page, token = _page(body_of(self), self.glue_backend.get_databases(), lambda database: database.name, 100)
    return ActionResult({"DatabaseList": [database.as_dict() for database in page], **token})


@operation(GlueResponse)
def get_tables(self: GlueResponse) -> ActionResult:
    """Source: botocore glue 1.44.5 GetTables, 2026-11-28"""
    body = body_of(self)
    page, token = _page(body, self.glue_backend.get_tables(body["DatabaseName"], body.get("Expression")), lambda table: table.name, 100)
    return ActionResult({"TableList": [table.as_dict() for table in page], **token})


@operation(GlueResponse)
def get_partitions(self: GlueResponse) -> ActionResult:
    """Source: botocore glue 1.44.5 GetPartitions, 2026-11-28"""
    body = body_of(self)
    page, token = _page(body, self.glue_backend.get_partitions(body["DatabaseName"], body["TableName"], body.get("Expression")), lambda partition: partition.values, 1000)
    return ActionResult({"Partitions": [partition.as_dict() for partition in page], **token})
