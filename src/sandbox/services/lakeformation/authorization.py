"""Who may do what in the account: what IAM and Lake Formation say about a role, for the gateway to judge what runs
with it, and what Lake Formation grants by itself when something is made.

The gateway names the role of a call that comes from a job or a crawler in the header ``X-Lake-Role``.
"""

from __future__ import annotations

from typing import Any, Iterator

from moto.glue.models import FakeDatabase, GlueBackend, glue_backends
from moto.glue.responses import GlueResponse
from moto.lakeformation.models import LakeFormationBackend, Permission, PermissionCatalog, lakeformation_backends

from sandbox.kernel.extend import ACCOUNT, Refusal, around, body_of
from sandbox.kernel.inspection import inspection
from sandbox.services.iam import principals
from sandbox.services.iam.calls import Check
from sandbox.services.iam.judgement import GIVEN, may, refused, vendors, words
from sandbox.services.iam.principals import Principal

#: Whoever IAM lets in: a grant of ALL to it leaves everything to IAM.
IAM_ALLOWED = "IAM_ALLOWED_PRINCIPALS"

DATABASE_PERMISSIONS = ["ALL", "ALTER", "CREATE_TABLE", "DESCRIBE", "DROP"]
TABLE_PERMISSIONS = ["ALL", "ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT", "SELECT"]


# --- Questions ---------------------------------------------------------------------------------------------------------


@inspection
def refusals(principal: str, region: str, action: str, resources: list[str], keys: dict[str, list[str]] | None = None) -> list[str | None]:
    """Why IAM lets a user or role not do something, for each resource; nothing where it does. A principal that is not there is allowed nothing."""
    return [may(principal, action, resource, keys, region) for resource in resources]


@inspection
def trusts(role: str, service: str) -> bool:
    """Whether a role is there and may be assumed by a service. Conditions are not looked at."""
    return principals.trusts(role, service) == "named"


@inspection
def lake_rights(
    region: str, role: str, database: str | None = None, tables: list[str] | None = None, action: str = "", resources: list[str] | None = None
) -> dict[str, Any]:
    """What IAM and Lake Formation's state say about a role and a database with some of its tables."""
    lake: LakeFormationBackend = lakeformation_backends[ACCOUNT][region]
    found: FakeDatabase | None = glue_backends[ACCOUNT][region].databases.get(database)
    grants = list(_grants_of(lake, role))
    permissions: dict[str, set[str]] = {"catalog": set(), "database": set(), "tables": set()}
    of_table: dict[str, set[str]] = {name: set() for name in tables or []}
    sees_a_table = False
    granted = []
    for grant in grants:
        kind, resource = next(iter(grant.resource.items()))
        table = resource.get("Name") if kind in ("Table", "TableWithColumns") else None
        if kind == "Catalog":
            permissions["catalog"] |= {*grant.permissions}
        elif kind == "DataLocation":
            granted.append(_uri(resource["ResourceArn"]))
        elif kind == "Database" and resource["Name"] == database:
            permissions["database"] |= {*grant.permissions}
        elif kind in ("Table", "TableWithColumns") and resource["DatabaseName"] == database:
            sees_a_table = True
            if "TableWildcard" in resource or table == "ALL_TABLES":
                permissions["tables"] |= {*grant.permissions}
            elif table in of_table:
                of_table[table] |= {*grant.permissions}
    admins = lake.settings[ACCOUNT].get("DataLakeAdmins") or []
    return {
        "refusals": refusals(role, region, action, resources or []),
        "admin": any(each["DataLakePrincipalIdentifier"] == role for each in admins),
        "catalog": sorted(permissions["catalog"]),
        "database": found
        and {
            "permissions": sorted(permissions["database"]),
            "seesATable": sees_a_table,
            "location": found.input.get("LocationUri") or None,
            "allTables": sorted(permissions["tables"]),
        },
        "tables": {name: sorted(each | permissions["tables"]) for name, each in of_table.items() if found and name in found.tables},
        "registered": [_uri(arn) for arn in lake.resources],
        "granted": granted,
    }


def _grants_of(lake: LakeFormationBackend, role: str) -> Iterator[Permission]:
    catalog = lake.grants.get(ACCOUNT)
    everyone = (role, IAM_ALLOWED, f"{ACCOUNT}:IAMPrincipals")
    for grant in catalog.permissions if catalog else []:
        if grant.principal.get("DataLakePrincipalIdentifier") in everyone:
            yield grant


def _uri(arn: str) -> str:
    return "s3://" + arn.split(":::", 1)[-1]


def _vend(principal: Principal, region: str, check: Check) -> str | None:
    """Access to data in a registered location: Lake Formation's, for whom a table there is granted, whatever IAM says of S3. Tables that it
    leaves to IAM, and places without a table, are IAM's business.

    Source: https://docs.aws.amazon.com/lake-formation/latest/dg/access-control-underlying-data.html, 2026-11-28
    Source: aws/aws-sdk-pandas#2644, 2026-11-28
    """
    lake: LakeFormationBackend = lakeformation_backends[ACCOUNT][region]
    place = _uri(check.resource)
    if check.action == "s3:ListBucket":
        place = f"{place}/{''.join(check.context.get('s3:prefix', ['']))}".rstrip("/")
    if not any(f"{place}/".startswith(f"{_uri(arn).rstrip('/')}/") for arn in lake.resources):
        return None
    table = _table_at(region, place)
    if table is None:
        return None
    catalog = lake.grants.get(ACCOUNT)
    granted: dict[str, set[str]] = {IAM_ALLOWED: set(), principal.owner: set()}
    for grant in catalog.permissions if catalog else []:
        who = grant.principal.get("DataLakePrincipalIdentifier", "")
        who = principal.owner if who == f"{ACCOUNT}:IAMPrincipals" else who
        kind, resource = next(iter(grant.resource.items()))
        if who in granted and kind in ("Table", "TableWithColumns") and resource["DatabaseName"] == table[0] and ("TableWildcard" in resource or resource.get("Name") in (table[1], "ALL_TABLES")):
            granted[who] |= {*grant.permissions}
    wanted = "SELECT" if check.action in ("s3:GetObject", "s3:ListBucket") else "INSERT"
    if granted[principal.owner] & {wanted, "ALL"}:
        need = Check("lakeformation:GetDataAccess", f"arn:aws:lakeformation:{region}:{ACCOUNT}:catalog:{ACCOUNT}")
        why = refused(principal, region, need)
        return GIVEN if why is None else words("lakeformation", principal, need, why)
    if "ALL" in granted[IAM_ALLOWED]:
        return None
    return f"Insufficient Lake Formation permission(s): Required {wanted.capitalize()} on {table[1]}"


def _table_at(region: str, place: str) -> tuple[str, str] | None:
    """The table in whose folder something lies."""
    for name, database in glue_backends[ACCOUNT][region].databases.items():
        for table in database.tables.values():
            location = (table.versions[max(table.versions, key=int)].get("StorageDescriptor") or {}).get("Location") or ""
            if location.startswith("s3") and f"{place}/".startswith(f"s3://{location.split('://', 1)[1].rstrip('/')}/"):
                return name, table.name
    return None


vendors.append(_vend)


# --- What Lake Formation grants by itself ------------------------------------------------------------------------------


def _grant(region: str, principal: str, resource: dict[str, Any], permissions: list[str], grantable: bool = False) -> None:
    catalog = lakeformation_backends[ACCOUNT][region].grants.setdefault(ACCOUNT, PermissionCatalog())
    catalog.add_permission(Permission({"DataLakePrincipalIdentifier": principal}, resource, [*permissions], [*permissions] if grantable else []))


def _forget(region: str, database: str, table: str | None = None) -> None:
    """A deleted thing has no grants."""
    catalog: Any = lakeformation_backends[ACCOUNT][region].grants.get(ACCOUNT)
    if catalog and table is not None:
        catalog.places.pop((database, table), None)
    elif catalog:
        catalog.places = {place: grants for place, grants in catalog.places.items() if place[:1] != (database,)}


def _creator(response: GlueResponse) -> str | None:
    return response.headers.get("X-Lake-Role")


@around(GlueResponse, "create_database")
def create_database(original: Any, self: GlueResponse) -> Any:
    """The account's default permissions apply to a new database, and all permissions are its creator's.

    Source: https://docs.aws.amazon.com/lake-formation/latest/dg/implicit-permissions.html, 2026-11-28
    Source: botocore lakeformation 1.44.5 DataLakeSettings, 2026-11-28
    """
    settings = lakeformation_backends[ACCOUNT][self.region].settings[ACCOUNT]
    answer = original()
    given = body_of(self)["DatabaseInput"]
    database = self.glue_backend.databases[given["Name"]]
    if given.get("CreateTableDefaultPermissions") is None:
        database.input["CreateTableDefaultPermissions"] = settings.get("CreateTableDefaultPermissions") or []
    resource = {"Database": {"Name": given["Name"]}}
    for default in settings.get("CreateDatabaseDefaultPermissions") or []:
        _grant(self.region, default["Principal"]["DataLakePrincipalIdentifier"], resource, default["Permissions"])
    if _creator(self):
        _grant(self.region, _creator(self) or "", resource, DATABASE_PERMISSIONS, grantable=True)
    return answer


@around(GlueResponse, "create_table")
def create_table(original: Any, self: GlueResponse) -> Any:
    """So do the database's for a new table.

    Source: https://docs.aws.amazon.com/lake-formation/latest/dg/implicit-permissions.html, 2026-11-28
    Source: botocore lakeformation 1.44.5 DataLakeSettings, 2026-11-28
    """
    answer = original()
    body = body_of(self)
    resource = {"Table": {"DatabaseName": body["DatabaseName"], "Name": body["TableInput"]["Name"]}}
    for default in self.glue_backend.databases[body["DatabaseName"]].input.get("CreateTableDefaultPermissions") or []:
        _grant(self.region, default["Principal"]["DataLakePrincipalIdentifier"], resource, default["Permissions"])
    if _creator(self):
        _grant(self.region, _creator(self) or "", resource, TABLE_PERMISSIONS, grantable=True)
    return answer


@around(GlueBackend, "delete_database")
def delete_database(original: Any, self: GlueBackend, database_name: str) -> None:
    """Source: none found (tried: botocore, for what becomes of the grants on what is deleted), 2026-11-28"""
    original(database_name)
    _forget(self.region_name, database_name)


@around(GlueBackend, "delete_table")
def delete_table(original: Any, self: GlueBackend, database_name: str, table_name: str) -> Any:
    """Source: none found (tried: botocore, for what becomes of the grants on what is deleted), 2026-11-28"""
    answer = original(database_name, table_name)
    _forget(self.region_name, database_name, table_name)
    return answer
