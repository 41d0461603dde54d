"""IAM, STS and Lake Formation: who is who, and who may do what."""

from __future__ import annotations

import fnmatch
import json
import re
from typing import Any
from urllib.parse import unquote

import moto.iam.models as iam_models
import moto.lakeformation.models as lakeformation_models
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.glue.models import glue_backends
from moto.iam.models import IAMBackend, iam_backends
from moto.iam.responses import IamResponse
from moto.lakeformation.models import LakeFormationBackend, Permission, PermissionCatalog
from moto.lakeformation.responses import LakeFormationResponse
from moto.sts.models import STSBackend

from sandbox.kernel.extend import ACCOUNT, CALLER_ARN, around, epoch, operation, refuse

SERVICE_LINKED_ROLE = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/lakeformation.amazonaws.com/AWSServiceRoleForLakeFormationDataAccess"


@around(STSBackend, "get_caller_identity")
def get_caller_identity(original: Any, self: STSBackend, access_key_id: str, region: str) -> tuple[str, str, str]:
    identifier, arn, account = original(access_key_id, region)
    return ("AIDASANDBOXSANDBOX000", CALLER_ARN, account) if arn.endswith(":user/moto") else (identifier, arn, account)


# --- IAM ---------------------------------------------------------------------------------------------------------------

iam_models.SERVICE_NAME_CONVERSION["lakeformation"] = "LakeFormationDataAccess"


@around(IAMBackend, "create_service_linked_role")
def create_service_linked_role(original: Any, self: IAMBackend, service_name: str, description: str, suffix: str) -> Any:
    for role in self.roles.values():
        if role.path == f"/aws-service-role/{service_name}/" and not suffix:
            refuse("InvalidInput", f"Service role name {role.name} has been taken in this account, please try a different suffix.")
    return original(service_name, description, suffix)


@around(IAMBackend, "delete_user")
def delete_user(original: Any, self: IAMBackend, user_name: str) -> None:
    user = self.get_user(user_name)
    if user.access_keys:
        refuse("DeleteConflict", "Cannot delete entity, must delete access keys first.")
    if user.password:
        refuse("DeleteConflict", "Cannot delete entity, must delete login profile first.")
    if self.get_groups_for_user(user_name):
        refuse("DeleteConflict", "Cannot delete entity, must remove users from group first.")
    original(user_name)


@operation(IamResponse)
def list_instance_profile_tags(self: IamResponse) -> ActionResult:
    profile = self.backend.get_instance_profile(self._get_param("InstanceProfileName"))
    return ActionResult({"Tags": profile.tags, "IsTruncated": False})


@operation(IamResponse)
def simulate_principal_policy(self: IamResponse) -> ActionResult:
    """Evaluates the identity policies of a user or role: an explicit deny, else an allow, else an implicit deny.

    Permission boundaries, organizations and resource policies are not modelled, as the sandbox has none.
    """
    statements = _statements_of(self.backend, self._get_param("PolicySourceArn"))
    context = {entry["ContextKeyName"]: entry.get("ContextKeyValues", []) for entry in self._get_param("ContextEntries") or []}
    results = []
    for action in self._get_param("ActionNames") or []:
        for resource in self._get_param("ResourceArns") or ["*"]:
            decision, policy = _decide(statements, action, resource, context)
            matched = [{"SourcePolicyId": policy, "SourcePolicyType": "IAM Policy"}] if policy else []
            results.append(
                {
                    "EvalActionName": action,
                    "EvalResourceName": resource,
                    "EvalDecision": decision,
                    "MatchedStatements": matched,
                    "MissingContextValues": [],
                }
            )
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})


def may(arn: str, action: str, resource: str) -> bool:
    """Whether the identity policies of a user or role allow an action."""
    return _decide(_statements_of(iam_backends[ACCOUNT]["aws"], arn), action, resource, {})[0] == "allowed"


def _statements_of(backend: IAMBackend, arn: str) -> list[tuple[str, dict[str, Any]]]:
    if arn == CALLER_ARN:
        return [("AdministratorAccess", {"Effect": "Allow", "Action": "*", "Resource": "*"})]
    owner: Any = _principal(backend, arn)
    if owner is None:
        refuse("NoSuchEntity", f"The entity with the ARN {arn} does not exist.")
    owners = [owner, *(backend.get_groups_for_user(owner.name) if owner in backend.users.values() else [])]
    documents = [(name, document) for each in owners for name, document in each.policies.items()]
    documents += [
        (policy.name, version.document)
        for each in owners
        for policy in each.managed_policies.values()
        for version in policy.versions
        if version.version_id == policy.default_version_id
    ]
    found = []
    for name, document in documents:
        parsed = json.loads(document if document.lstrip().startswith("{") else unquote(document))
        found += [(name, statement) for statement in _list(parsed["Statement"])]
    return found


def _principal(backend: IAMBackend, arn: str) -> Any:
    return next((each for each in [*backend.users.values(), *backend.roles.values()] if each.arn == arn), None)


def _decide(statements: list[tuple[str, dict[str, Any]]], action: str, resource: str, context: dict[str, list[str]]) -> tuple[str, str | None]:
    applying = [(name, each["Effect"]) for name, each in statements if _applies(each, action, resource, context)]
    for effect, decision in (("Deny", "explicitDeny"), ("Allow", "allowed")):
        for name, each in applying:
            if each == effect:
                return decision, name
    return "implicitDeny", None


def _applies(statement: dict[str, Any], action: str, resource: str, context: dict[str, list[str]]) -> bool:
    def among(patterns: Any, value: str) -> bool:
        return any(_matches(pattern, value) for pattern in _list(patterns))

    acts = among(statement["Action"], action.lower()) if "Action" in statement else not among(statement["NotAction"], action.lower())
    if "NotResource" in statement:
        on = not among(statement["NotResource"], resource)
    else:
        on = resource == "*" and among(statement.get("Resource", "*"), "*") or resource != "*" and among(statement.get("Resource", "*"), resource)
    return acts and on and all(_holds(operator, keys, context) for operator, keys in statement.get("Condition", {}).items())


def _matches(pattern: str, value: str) -> bool:
    literal = pattern.replace("[", "[[]")
    return fnmatch.fnmatchcase(value, literal.lower() if value == value.lower() else literal)


def _holds(operator: str, keys: dict[str, Any], context: dict[str, list[str]]) -> bool:
    if_exists = operator.endswith("IfExists")
    name = operator.removesuffix("IfExists").split(":")[-1]
    for key, wanted in keys.items():
        given = next((values for known, values in context.items() if known.lower() == key.lower()), None)
        if given is None:
            if if_exists or "Not" in name:
                continue
            return False
        expected = [str(each).lower() if name == "Bool" else str(each) for each in _list(wanted)]
        hit = any(fnmatch.fnmatchcase(value, each) if "Like" in name or name.startswith("Arn") else value == each for value in given for each in expected)
        if hit == ("Not" in name):
            return False
    return True


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# --- Lake Formation ----------------------------------------------------------------------------------------------------


def place_of(resource: dict[str, Any]) -> tuple[Any, ...]:
    """The database, or the database and the table, that a grant is about; nothing for the catalog and locations."""
    kind, fields = next(iter(resource.items()), ("", {}))
    if kind in ("Table", "TableWithColumns"):
        return fields.get("DatabaseName"), fields.get("Name")
    return (fields.get("Name"),) if kind == "Database" else ()


@operation(PermissionCatalog)
def __init__(self: Any) -> None:
    """Grants by place: moto compares a new one with each that there is, and every table comes with one."""
    self.places = {}


@operation(PermissionCatalog)
def add_permission(self: Any, permission: Permission) -> None:
    """moto keeps changing objects in a set, and loses them."""
    existing = _find(self, permission)
    if existing:
        existing.permissions = sorted({*existing.permissions, *permission.permissions})
        existing.permissions_with_grant_options = sorted({*existing.permissions_with_grant_options, *permission.permissions_with_grant_options})
    else:
        place = place_of(permission.resource)
        self.places[place] = [*self.places.get(place, []), permission]


@operation(PermissionCatalog)
def remove_permission(self: Any, permission: Permission) -> None:
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
    _require_principal(principal)
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
    self.grants.setdefault(catalog_id, PermissionCatalog())
    original(catalog_id, principal, _plain(resource), permissions_to_revoke, permissions_with_grant_options_to_revoke)


def _plain(resource: dict[str, Any]) -> dict[str, Any]:
    """The same resource with or without the account's own catalog id is one resource."""
    return {
        kind: {key: value for key, value in fields.items() if not (key == "CatalogId" and value == ACCOUNT)} if isinstance(fields, dict) else fields
        for kind, fields in resource.items()
    }


def _require_principal(principal: dict[str, str]) -> None:
    """A user or role of the account must exist; a group of the service's own, or another account, is taken as it is."""
    arn = principal.get("DataLakePrincipalIdentifier", "")
    if not re.match(rf"arn:[\w-]+:iam::{ACCOUNT}:", arn) or arn == CALLER_ARN:
        return
    if _principal(iam_backends[ACCOUNT]["aws"], arn) is None:
        refuse("InvalidInputException", f"Invalid principal, arn: {arn}")


def _require_resource(backend: LakeFormationBackend, resource: dict[str, Any]) -> None:
    glue = glue_backends[ACCOUNT][backend.region_name]
    table = resource.get("Table") or resource.get("TableWithColumns") or {}
    database = (resource.get("Database") or {}).get("Name") or table.get("DatabaseName")
    if database and database not in glue.databases:
        refuse("EntityNotFoundException", "Database not found.")
    if table.get("Name") and "TableWildcard" not in table and table["Name"] not in glue.databases[database].tables:
        refuse("EntityNotFoundException", "Table not found.")


@around(LakeFormationBackend, "put_data_lake_settings")
def put_data_lake_settings(original: Any, self: LakeFormationBackend, catalog_id: str, settings: dict[str, Any]) -> None:
    for admin in settings.get("DataLakeAdmins") or []:
        _require_principal(admin)
    # What a Put leaves out is emptied, defaults too.
    empty: dict[str, Any] = {"DataLakeAdmins": [], "CreateDatabaseDefaultPermissions": [], "CreateTableDefaultPermissions": []}
    original(catalog_id, {**empty, **settings})


@operation(LakeFormationResponse)
def list_permissions(self: LakeFormationResponse) -> str:
    principal, resource = self._get_param("Principal"), self._get_param("Resource")
    kind = self._get_param("ResourceType")
    if principal is not None and resource is None:
        refuse("InvalidInputException", "Resource is mandatory if Principal is set in the input.")
    catalog = self.lakeformation_backend.grants.get(self._get_param("CatalogId") or ACCOUNT)
    wanted = _plain(resource) if resource else None
    found = [
        permission.to_external_form()
        for permission in (catalog.permissions if catalog else [])
        if (principal is None or permission.principal == principal)
        and (kind is None or _kind(permission.resource) == kind)
        and (wanted is None or _covers(wanted, permission.resource))
    ]
    return json.dumps({"PrincipalResourcePermissions": found})


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
    return {**original(), "LastModified": epoch(self.last_modified)}
