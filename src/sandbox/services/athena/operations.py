"""Amazon Athena: work groups and data catalogs. Queries are the gateway's (``athena.ts``)."""

from __future__ import annotations

from typing import Any

from moto.athena.models import AthenaBackend, WorkGroup
from moto.athena.responses import AthenaResponse
from moto.core.utils import utcnow

from sandbox.kernel.extend import ACCOUNT, around, body_of, epoch, hollow, operation, refuse

hollow(AthenaResponse, "start_query_execution")


@around(WorkGroup, "__init__")
def work_group_init(original: Any, self: WorkGroup, *args: Any, **kwargs: Any) -> None:
    """Source: botocore athena 1.44.5 WorkGroup, 2026-11-28"""
    original(*args, **kwargs)
    self.created = utcnow()


@around(AthenaBackend, "get_work_group")
def backend_get_work_group(original: Any, self: AthenaBackend, name: str) -> dict[str, Any] | None:
    """Source: botocore athena 1.44.5 WorkGroup, 2026-11-28"""
    found = original(name)
    return {**found, "CreationTime": epoch(self.work_groups[name].created)} if found else None


@around(AthenaBackend, "list_work_groups")
def backend_list_work_groups(original: Any, self: AthenaBackend) -> list[dict[str, Any]]:
    """Source: botocore athena 1.44.5 WorkGroupSummary, 2026-11-28"""
    return [{**each, "CreationTime": epoch(self.work_groups[each["Name"]].created)} for each in original()]


@around(AthenaResponse, "get_work_group")
def get_work_group(original: Any, self: AthenaResponse) -> str:
    """Source: botocore athena 1.44.5 GetWorkGroup, 2026-11-28"""
    _work_group(self, body_of(self)["WorkGroup"])
    return original()


@operation(AthenaResponse)
def update_work_group(self: AthenaResponse) -> str:
    """Source: botocore athena 1.44.5 UpdateWorkGroup, 2026-11-28
    Source: botocore athena 1.44.5 ResultConfigurationUpdates, 2026-11-28
    """
    body = body_of(self)
    group = _work_group(self, body["WorkGroup"])
    changes = body.get("ConfigurationUpdates", {})
    result_changes = changes.pop("ResultConfigurationUpdates", {})
    result = group.configuration.setdefault("ResultConfiguration", {})
    _apply(result, result_changes)
    _apply(group.configuration, changes)
    if "Description" in body:
        group.description = body["Description"]
    if "State" in body:
        group.state = body["State"]
    return "{}"


def _apply(target: dict[str, Any], changes: dict[str, Any]) -> None:
    """Sets what is given; `RemoveX: true` removes X."""
    for key, value in changes.items():
        if key.startswith("Remove") and isinstance(value, bool):
            if value:
                target.pop(key.removeprefix("Remove"), None)
        else:
            target[key] = value


def _work_group(response: AthenaResponse, name: str) -> WorkGroup:
    """Source: ColeMurray/aws-athena-mcp#23, 2026-11-28"""
    group = response.athena_backend.work_groups.get(name)
    if group is None:
        refuse("InvalidRequestException", f"WorkGroup {name} is not found.")
    return group


@around(AthenaResponse, "delete_work_group")
def delete_work_group(original: Any, self: AthenaResponse) -> str:
    """Source: botocore athena 1.44.5 DeleteWorkGroup, 2026-11-28
    Source: none found (tried: code search for the words on the primary work group), 2026-11-28
    """
    name = body_of(self)["WorkGroup"]
    if name == "primary":
        refuse("InvalidRequestException", "Cannot delete the primary work group.")
    group = _work_group(self, name)
    self.athena_backend.tagger.delete_all_tags_for_resource(group.arn)
    return original()


# --- Data catalogs: the account's own is there without having been made. -------------------------------------------------

OWN_CATALOG = "AwsDataCatalog"


@around(AthenaBackend, "list_data_catalogs")
def list_data_catalogs(original: Any, self: AthenaBackend) -> list[dict[str, Any]]:
    """Source: botocore athena 1.44.5 ListDataCatalogs, 2026-11-28
    Source: botocore athena 1.44.5 DataCatalogSummary, 2026-11-28
    """
    return [{"CatalogName": OWN_CATALOG, "Type": "GLUE"}, *original()]


@around(AthenaBackend, "get_data_catalog")
def get_data_catalog(original: Any, self: AthenaBackend, name: str) -> dict[str, Any]:
    """Source: botocore athena 1.44.5 DataCatalog, 2026-11-28
    Source: none found (tried: code search for the words on a catalog that is not there), 2026-11-28
    """
    if name.lower() == OWN_CATALOG.lower():
        return {"Name": OWN_CATALOG, "Type": "GLUE", "Parameters": {"catalog-id": ACCOUNT}}
    found = original(name)
    if found is None:
        refuse("InvalidRequestException", f"DataCatalog {name} was not found")
    return found
