"""AWS Lake Formation: grants, settings and registered locations, where moto falls short of AWS."""

from __future__ import annotations

import json
import re
from typing import Any, Callable

import moto.lakeformation.models as lakeformation_models
from moto.core.exceptions import JsonRESTError, ServiceException
from moto.core.utils import utcnow
from moto.glue.models import glue_backends
from moto.iam.models import iam_backends
from moto.lakeformation.models import LakeFormationBackend, Permission, PermissionCatalog
from moto.lakeformation.responses import LakeFormationResponse

import sandbox.services.lakeformation.authorization  # noqa: F401
from sandbox.kernel.extend import ACCOUNT, CALLER_ARN, Refusal, around, epoch, operation, refuse
from sandbox.services.iam.principals import find_principal

SERVICE_LINKED_ROLE = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/lakeformation.amazonaws.com/AWSServiceRoleForLakeFormationDataAccess"

#: What all tables of a database are called where a table's name is expected.
ALL_TABLES = "ALL_TABLES"

# Source: https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html, 2026-11-28
#: What may be granted on each kind of resource; those that are not here the sandbox does not judge.
PERMISSIONS: dict[str, set[str]] = {
    "Catalog": {"ALL", "ALTER", "CREATE_CATALOG", "CREATE_DATABASE", "CREATE_LF_TAG", "CREATE_LF_TAG_EXPRESSION", "DESCRIBE", "DROP"},
    "Database": {"ALL", "ALTER", "CREATE_TABLE", "DESCRIBE", "DROP"},
    "Table": {"ALL", "ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT", "SELECT"},
    "TableWithColumns": {"SELECT"},
    "DataLocation": {"DATA_LOCATION_ACCESS"},
    "DataCellsFilter": {"DESCRIBE", "DROP", "SELECT"},
}


def place_of(resource: dict[str, Any]) -> tuple[Any, ...]:
    """The database, or the database and the table, that a grant is about; nothing for the catalog and locations."""
    kind, fields = next(iter(resource.items()), ("", {}))
    if kind in ("Table", "TableWithColumns"):
        return fields.get("DatabaseName"), fields.get("Name")
    return (fields.get("Name"),) if kind == "Database" else ()


@operation(PermissionCatalog)
def __init__(self: Any) -> None:
    """Grants by place: moto compares a new one with each that there is, and every table comes with one.

    Source: our own (how grants are kept, for speed), 2026-11-28
    """
    self.places = {}


@operation(PermissionCatalog)
def add_permission(self: Any, permission: Permission) -> None:
    """moto keeps changing objects in a set, and loses them.

    Source: botocore lakeformation 1.44.5 GrantPermissions, 2026-11-28
    """
    existing = _find(self, permission)
    if existing:
        existing.permissions = sorted({*existing.permissions, *permission.permissions})
        existing.permissions_with_grant_options = sorted({*existing.permissions_with_grant_options, *permission.permissions_with_grant_options})
    else:
        place = place_of(permission.resource)
        self.places[place] = [*self.places.get(place, []), permission]


@operation(PermissionCatalog)
def remove_permission(self: Any, permission: Permission) -> None:
    """Source: botocore lakeformation 1.44.5 RevokePermissions, 2026-11-28
    Source: hashicorp/terraform-provider-aws internal/service/lakeformation/permissions.go, 2026-11-28
    """
    existing = _find(self, permission)
    if not existing or not {*permission.permissions} & {*existing.permissions}:
        refuse("InvalidInputException", "No permissions revoked. Grantee has no permissions and no grantable permissions on resource.")
    gone = {*permission.permissions}
    existing.permissions = [each for each in existing.permissions if each not in gone]
    existing.permissions_with_grant_options = [
        each for each in existing.permissions_with_grant_options if each not in {*permission.permissions_with_grant_options} | gone
    ]
    place = place_of(permission.resource)
    self.places[place] = [each for each in self.places[place] if not each.is_empty()]


def _find(catalog: Any, permission: Permission) -> Permission | None:
    there = catalog.places.get(place_of(permission.resource), [])
    return next((each for each in there if each.equal_principal_and_resouce(permission)), None)


PermissionCatalog.permissions = property(lambda self: [each for there in list(self.places.values()) for each in there])  # type: ignore[assignment]


@around(LakeFormationBackend, "grant_permissions")
def grant_permissions(
    original: Any,
    self: LakeFormationBackend,
    catalog_id: str,
    principal: dict[str, str],
    resource: dict[str, Any],
    permissions: list[str],
    permissions_with_grant_options: list[str],
) -> None:
    """Source: botocore lakeformation 1.44.5 GrantPermissions, 2026-11-28"""
    _require_principal(principal)
    _require_permissions(resource, [*permissions, *(permissions_with_grant_options or [])])
    _require_resource(self, resource)
    original(catalog_id, principal, _plain(resource), permissions, permissions_with_grant_options)


@around(LakeFormationBackend, "revoke_permissions")
def revoke_permissions(
    original: Any,
    self: LakeFormationBackend,
    catalog_id: str,
    principal: dict[str, str],
    resource: dict[str, Any],
    permissions_to_revoke: list[str],
    permissions_with_grant_options_to_revoke: list[str],
) -> None:
    """Source: botocore lakeformation 1.44.5 RevokePermissions, 2026-11-28"""
    self.grants.setdefault(catalog_id, PermissionCatalog())
    original(catalog_id, principal, _plain(resource), permissions_to_revoke, permissions_with_grant_options_to_revoke)


def _each(response: LakeFormationResponse, change: Callable[..., None], names: tuple[str, str]) -> str:
    """Changes by each entry of a batch: one that is refused is a failure in the answer, and the others are done.

    Source: botocore lakeformation 1.44.5 BatchRevokePermissionsResponse, 2026-11-28
    Source: botocore lakeformation 1.44.5 BatchPermissionsFailureEntry, 2026-11-28
    """
    failures = []
    for entry in response._get_param("Entries"):
        try:
            change(
                catalog_id=response._get_param("CatalogId") or response.current_account,
                principal=entry.get("Principal"),
                resource=entry.get("Resource"),
                **dict(zip(names, (entry.get("Permissions"), entry.get("PermissionsWithGrantOption")))),
            )
        except (Refusal, JsonRESTError, ServiceException) as error:
            code = error.error_type if isinstance(error, JsonRESTError) else error.code
            failures.append({"RequestEntry": entry, "Error": {"ErrorCode": code, "ErrorMessage": error.message}})
    return json.dumps({"Failures": failures})


@operation(LakeFormationResponse)
def batch_grant_permissions(self: LakeFormationResponse) -> str:
    """Source: botocore lakeformation 1.44.5 BatchGrantPermissions, 2026-11-28"""
    return _each(self, self.lakeformation_backend.grant_permissions, ("permissions", "permissions_with_grant_options"))


@operation(LakeFormationResponse)
def batch_revoke_permissions(self: LakeFormationResponse) -> str:
    """Source: botocore lakeformation 1.44.5 BatchRevokePermissions, 2026-11-28"""
    return _each(self, self.lakeformation_backend.revoke_permissions, ("permissions_to_revoke", "permissions_with_grant_options_to_revoke"))


def _plain(resource: dict[str, Any]) -> dict[str, Any]:
    """The same resource with or without the account's own catalog id is one resource; all columns of a table are the table.

    Source: botocore lakeformation 1.44.5 DatabaseResource, 2026-11-28
    Source: hashicorp/terraform-provider-aws#17047, 2026-11-28
    """
    plain = {
        kind: {key: value for key, value in fields.items() if not (key == "CatalogId" and value == ACCOUNT)} if isinstance(fields, dict) else fields
        for kind, fields in resource.items()
    }
    columns = plain.get("TableWithColumns")
    if columns and "ColumnWildcard" in columns and not (columns["ColumnWildcard"] or {}).get("ExcludedColumnNames"):
        plain = {"Table": {key: value for key, value in columns.items() if key not in ("ColumnWildcard", "ColumnNames")}}
    table = plain.get("Table")
    if table and table.get("Name") == ALL_TABLES:
        plain = {"Table": {"DatabaseName": table["DatabaseName"], "TableWildcard": {}}}
    return plain


def _require_principal(principal: dict[str, str]) -> None:
    """A user or role of the account must exist; a group of the service's own, or another account, is taken as it is.

    Source: hashicorp/terraform-provider-aws internal/service/lakeformation/permissions.go, 2026-11-28
    Source: none found (tried: issues search for the whole words of "Invalid principal"), 2026-11-28
    """
    arn = principal.get("DataLakePrincipalIdentifier", "")
    if not re.match(rf"arn:[\w-]+:iam::{ACCOUNT}:", arn) or arn == CALLER_ARN:
        return
    if find_principal(iam_backends[ACCOUNT]["aws"], arn) is None:
        refuse("InvalidInputException", f"Invalid principal, arn: {arn}")


def _require_permissions(resource: dict[str, Any], permissions: list[str]) -> None:
    """What may be granted on which kind of resource.

    Source: https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html, 2026-11-28
    Source: hashicorp/terraform-provider-aws#19914, 2026-11-28
    Source: hashicorp/terraform-provider-aws#19409, 2026-11-28
    """
    allowed = PERMISSIONS.get(next(iter(resource), ""))
    if allowed is not None and not {*permissions} <= allowed:
        refuse("InvalidInputException", "Permissions modification is invalid.")


def _require_resource(backend: LakeFormationBackend, resource: dict[str, Any]) -> None:
    """Source: botocore lakeformation 1.44.5 GrantPermissions, 2026-11-28
    Source: https://docs.aws.amazon.com/lake-formation/latest/dg/error-message-update.html, 2026-11-28
    Source: none found (tried: docs search, which finds the code and no words; issues search for the words on a column that is not there), 2026-11-28
    """
    glue = glue_backends[ACCOUNT][backend.region_name]
    table = resource.get("Table") or resource.get("TableWithColumns") or {}
    database = (resource.get("Database") or {}).get("Name") or table.get("DatabaseName")
    if database and database not in glue.databases:
        refuse("EntityNotFoundException", "Database not found.")
    if not table.get("Name") or "TableWildcard" in table or table["Name"] == ALL_TABLES:
        return
    found = glue.databases[database].tables.get(table["Name"])
    if found is None:
        refuse("EntityNotFoundException", "Table not found.")
    named = [*table.get("ColumnNames", []), *(table.get("ColumnWildcard") or {}).get("ExcludedColumnNames", [])]
    newest = next(reversed(found.versions.values()))
    there = {each["Name"].lower() for each in [*(newest.get("StorageDescriptor") or {}).get("Columns", []), *(newest.get("PartitionKeys") or [])]}
    if any(name.lower() not in there for name in named):
        refuse("InvalidInputException", "Permissions modification is invalid.")


@around(LakeFormationBackend, "put_data_lake_settings")
def put_data_lake_settings(original: Any, self: LakeFormationBackend, catalog_id: str, settings: dict[str, Any]) -> None:
    """Source: botocore lakeformation 1.44.5 PutDataLakeSettings, 2026-11-28
    Source: botocore lakeformation 1.44.5 DataLakeSettings, 2026-11-28
    """
    for admin in settings.get("DataLakeAdmins") or []:
        _require_principal(admin)
    # What a Put leaves out is emptied, defaults too.
    empty: dict[str, Any] = {"DataLakeAdmins": [], "CreateDatabaseDefaultPermissions": [], "CreateTableDefaultPermissions": []}
    original(catalog_id, {**empty, **settings})


@operation(LakeFormationResponse)
def list_permissions(self: LakeFormationResponse) -> str:
    """Source: botocore lakeformation 1.44.5 ListPermissions, 2026-11-28
    Source: turbot/steampipe-plugin-aws aws/table_aws_lakeformation_permission.go, 2026-11-28
    """
    principal, resource = self._get_param("Principal"), self._get_param("Resource")
    kind = self._get_param("ResourceType")
    if principal is not None and resource is None:
        refuse("InvalidInputException", "Resource is mandatory if Principal is set in the input.")
    catalog = self.lakeformation_backend.grants.get(self._get_param("CatalogId") or ACCOUNT)
    wanted = _plain(resource) if resource else None
    found = [
        listed
        for permission in (catalog.permissions if catalog else [])
        if (principal is None or permission.principal == principal)
        and (kind is None or _kind(permission.resource) == kind)
        and (wanted is None or _covers(wanted, permission.resource))
        for listed in _listed(permission)
    ]
    return json.dumps({"PrincipalResourcePermissions": found})


def _listed(permission: Permission) -> list[dict[str, Any]]:
    """A grant as it is listed: SELECT on a table stands apart, as on all of its columns, and so does it on all tables.

    Source: hashicorp/terraform-provider-aws#17047, 2026-11-28
    Source: hashicorp/terraform-provider-aws#46245, 2026-11-28
    """
    whole: dict[str, Any] = permission.to_external_form()
    table = permission.resource.get("Table")
    if table is None:
        return [whole]
    if "TableWildcard" in table:
        table = {**table, "Name": ALL_TABLES}
    columns = {key: value for key, value in table.items() if key != "TableWildcard"}
    parts = []
    for resource, mine in (({"Table": table}, lambda each: each != "SELECT"), ({"TableWithColumns": {**columns, "ColumnWildcard": {}}}, lambda each: each == "SELECT")):
        held = {name: [*filter(mine, whole[name] or [])] for name in ("Permissions", "PermissionsWithGrantOption")}
        if any(held.values()):
            parts.append({**whole, **held, "Resource": resource})
    return parts


def _kind(resource: dict[str, Any]) -> str:
    kinds = {"Catalog": "CATALOG", "Database": "DATABASE", "Table": "TABLE", "TableWithColumns": "TABLE", "DataLocation": "DATA_LOCATION"}
    return kinds.get(next(iter(resource)), "")


def _covers(wanted: dict[str, Any], resource: dict[str, Any]) -> bool:
    """Whether a grant's resource is the one asked for: a table's columns count as the table."""
    if "Table" in wanted:
        asked, table = wanted["Table"], resource.get("Table") or resource.get("TableWithColumns")
        if table is None or table["DatabaseName"] != asked["DatabaseName"]:
            return False
        return "TableWildcard" in table if "TableWildcard" in asked else table.get("Name") == asked.get("Name")
    kind = next(iter(wanted), "")
    return resource.get(kind) == wanted.get(kind) if kind else False


@operation(LakeFormationResponse)
def register_resource(self: LakeFormationResponse) -> str:
    """Source: botocore lakeformation 1.44.5 RegisterResource, 2026-11-28
    Source: getmoto/moto moto/lakeformation/models.py, 2026-11-28
    Source: none found (tried: code and issues search for the words when no role is given), 2026-11-28
    """
    arn = self._get_param("ResourceArn")
    backend = self.lakeformation_backend
    if arn in backend.resources:
        refuse("AlreadyExistsException", "Resource is already registered")
    role = SERVICE_LINKED_ROLE if self._get_param("UseServiceLinkedRole") else self._get_param("RoleArn")
    if not role:
        refuse("InvalidInputException", "Either a role ARN or the service-linked role is needed.")
    backend.register_resource(resource_arn=arn, role_arn=role)
    backend.resources[arn].last_modified = utcnow()
    return "{}"


@around(lakeformation_models.Resource, "to_dict")
def to_dict(original: Any, self: Any) -> dict[str, Any]:
    """Source: botocore lakeformation 1.44.5 ResourceInfo, 2026-11-28"""
    return {**original(), "LastModified": epoch(self.last_modified)}
