"""Amazon QuickSight: data sets, dashboards, permissions and times, which moto has not or has wrong."""

from __future__ import annotations

import json
from typing import Any

from moto.core.utils import utcnow
from moto.quicksight import urls as quicksight_urls
from moto.quicksight.data_models import QuicksightDashboard, QuickSightDataSource
from moto.quicksight.models import QuickSightBackend
from moto.quicksight.responses import QuickSightResponse

from sandbox.kernel.extend import around, body_of, epoch, operation, refuse

# Source: botocore quicksight 1.44.5 DescribeDataSet, 2026-11-28
# Source: botocore quicksight 1.44.5 DescribeDashboardPermissions, 2026-11-28
# Source: botocore quicksight 1.44.5 UpdateDashboardPublishedVersion, 2026-11-28
for _path in (
    r"/accounts/(?P<account_id>[\d]+)/data-sets/(?P<datasetid>[^/]+)$",
    r"/accounts/(?P<account_id>[\d]+)/data-sets/(?P<datasetid>[^/]+)/permissions$",
    r"/accounts/(?P<account_id>[\d]+)/data-sources/(?P<datasourceid>[^/]+)/permissions$",
    r"/accounts/(?P<account_id>[\d]+)/dashboards/(?P<dashboard_id>[^/]+)/permissions$",
    r"/accounts/(?P<account_id>[\d]+)/dashboards/(?P<dashboard_id>[^/]+)/versions/(?P<version>[\d]+)$",
    r"/account/(?P<account_id>[\d]+)$",
):
    quicksight_urls.url_paths["{0}" + _path] = QuickSightResponse.dispatch

#: Fields of a data set's definition that DescribeDataSet gives back.
DATA_SET_FIELDS = (
    "PhysicalTableMap", "LogicalTableMap", "ImportMode", "ColumnGroups", "FieldFolders", "RowLevelPermissionDataSet", "DataSetUsageConfiguration"
)  # fmt: skip


def _exists(what: str, identifier: str) -> None:
    """Source: botocore quicksight 1.44.5 ResourceExistsException, 2026-11-28
    Source: none found (tried: botocore, which has no words for it), 2026-11-28
    """
    refuse("ResourceExistsException", f"{what} {identifier} already exists.")


def _done(status: int = 200, **fields: Any) -> tuple[int, dict[str, Any], str]:
    return status, {"status": status}, json.dumps({**fields, "Status": status, "RequestId": "sandbox"})


def _find(store: dict[str, Any], identifier: str, what: str) -> Any:
    """Source: botocore quicksight 1.44.5 ResourceNotFoundException, 2026-11-28
    Source: none found (tried: botocore, which has no words for it), 2026-11-28
    """
    found = store.get(identifier)
    if found is None:
        refuse("ResourceNotFoundException", f"{what} {identifier} is not found.")
    return found


@operation(QuickSightResponse)
def describe_account_subscription(self: QuickSightResponse) -> Any:
    """The sandbox's account is subscribed: there it costs nothing.

    Source: botocore quicksight 1.44.5 DescribeAccountSubscription, 2026-11-28
    """
    info = {"AccountName": "sandbox", "Edition": "ENTERPRISE", "AuthenticationType": "IAM_AND_QUICKSIGHT", "AccountSubscriptionStatus": "ACCOUNT_CREATED"}
    return _done(AccountInfo=info)


@around(QuickSightBackend, "register_user")
def register_user(original: Any, self: QuickSightBackend, **kwargs: Any) -> Any:
    """Source: botocore quicksight 1.44.5 RegisterUser, 2026-11-28"""
    if self.users.get(f"{kwargs['aws_account_id']}:{kwargs['namespace']}:{kwargs['user_name']}"):
        _exists("User", kwargs["user_name"])
    return original(**kwargs)


@around(QuickSightResponse, "register_user")
def register_user_response(original: Any, self: QuickSightResponse) -> Any:
    """An IAM identity's user is named after it.

    Source: botocore quicksight 1.44.5 RegisterUserRequest, 2026-11-28
    Source: none found (tried: botocore, which does not say the name of an IAM identity that gives none), 2026-11-28
    """
    body = body_of(self)
    if body.get("IdentityType") == "IAM" and not body.get("UserName") and body.get("IamArn"):
        name = body["IamArn"].split("/")[-1]
        session = body.get("SessionName")
        body["UserName"] = f"{name}/{session}" if session else name
    self.body = json.dumps(body)
    return original()


@around(QuickSightResponse, "create_data_source")
def create_data_source(original: Any, self: QuickSightResponse) -> Any:
    """Source: botocore quicksight 1.44.5 CreateDataSource, 2026-11-28"""
    body, backend = body_of(self), self.quicksight_backend
    if body["DataSourceId"] in backend.data_sources:
        _exists("DataSource", body["DataSourceId"])
    answer = original()
    backend.data_sources[body["DataSourceId"]].permissions = body.get("Permissions", [])
    return answer


@around(QuickSightBackend, "delete_data_source")
def delete_data_source(original: Any, self: QuickSightBackend, aws_account_id: str, data_source_id: str) -> Any:
    """Source: botocore quicksight 1.44.5 DeleteDataSource, 2026-11-28"""
    source = original(aws_account_id, data_source_id)
    self.tagger.delete_all_tags_for_resource(source.arn)
    return source


@operation(QuickSightResponse)
def create_data_set(self: QuickSightResponse) -> Any:
    """Source: botocore quicksight 1.44.5 CreateDataSet, 2026-11-28"""
    body, backend = body_of(self), self.quicksight_backend
    identifier = body["DataSetId"]
    if identifier in backend.data_sets:
        _exists("DataSet", identifier)
    for table in body.get("PhysicalTableMap", {}).values():
        source = next(iter(table.values()), {}).get("DataSourceArn")
        if source and not any(each.arn == source for each in backend.data_sources.values()):
            refuse("ResourceNotFoundException", f"Data source {source} is not found.")
    created = backend.create_data_set(identifier, body["Name"], body.get("Tags"))
    created.arn = created.arn.replace(":data-set/", ":dataset/")
    if body.get("Tags"):
        backend.tagger.tag_resource(created.arn, body["Tags"])
    created.created = created.updated = utcnow()
    created.definition, created.permissions = body, body.get("Permissions", [])
    return _done(201, Arn=created.arn, DataSetId=identifier)


@operation(QuickSightResponse)
def update_data_set(self: QuickSightResponse) -> Any:
    """Source: botocore quicksight 1.44.5 UpdateDataSet, 2026-11-28"""
    body, data_set = body_of(self), _data_set(self)
    data_set.name, data_set.definition, data_set.updated = body["Name"], body, utcnow()
    return _done(Arn=data_set.arn, DataSetId=data_set._id)


@operation(QuickSightResponse)
def describe_data_set(self: QuickSightResponse) -> Any:
    """Source: botocore quicksight 1.44.5 DescribeDataSet, 2026-11-28"""
    data_set = _data_set(self)
    fields = {field: data_set.definition[field] for field in DATA_SET_FIELDS if field in data_set.definition}
    return _done(DataSet={**_data_set_summary(data_set), **fields, "OutputColumns": _output_columns(data_set.definition)})


@operation(QuickSightResponse)
def list_data_sets(self: QuickSightResponse) -> Any:
    """Source: botocore quicksight 1.44.5 ListDataSets, 2026-11-28"""
    return _done(DataSetSummaries=[_data_set_summary(each) for each in self.quicksight_backend.data_sets.values()])


@operation(QuickSightResponse)
def delete_data_set(self: QuickSightResponse) -> Any:
    """Source: botocore quicksight 1.44.5 DeleteDataSet, 2026-11-28"""
    data_set, backend = _data_set(self), self.quicksight_backend
    del backend.data_sets[data_set._id]
    backend.tagger.delete_all_tags_for_resource(data_set.arn)
    return _done(Arn=data_set.arn, DataSetId=data_set._id)


@operation(QuickSightResponse)
def describe_data_set_permissions(self: QuickSightResponse) -> Any:
    """Source: botocore quicksight 1.44.5 DescribeDataSetPermissions, 2026-11-28"""
    data_set = _data_set(self)
    return _done(DataSetArn=data_set.arn, DataSetId=data_set._id, Permissions=data_set.permissions)


@operation(QuickSightResponse)
def describe_data_source_permissions(self: QuickSightResponse) -> Any:
    """Source: botocore quicksight 1.44.5 DescribeDataSourcePermissions, 2026-11-28"""
    identifier = self._get_param("DataSourceId")
    source = _find(self.quicksight_backend.data_sources, identifier, "DataSource")
    return _done(DataSourceArn=source.arn, DataSourceId=identifier, Permissions=getattr(source, "permissions", []))


def _data_set(self: QuickSightResponse) -> Any:
    return _find(self.quicksight_backend.data_sets, self._get_param("DataSetId"), "DataSet")


def _data_set_summary(data_set: Any) -> dict[str, Any]:
    return {
        "Arn": data_set.arn,
        "DataSetId": data_set._id,
        "Name": data_set.name,
        "CreatedTime": epoch(data_set.created),
        "LastUpdatedTime": epoch(data_set.updated),
        "ImportMode": data_set.definition.get("ImportMode"),
    }


def _output_columns(definition: dict[str, Any]) -> list[dict[str, str]]:
    tables = [next(iter(table.values()), {}) for table in definition.get("PhysicalTableMap", {}).values()]
    return [{"Name": column["Name"], "Type": column["Type"]} for table in tables for column in table.get("InputColumns", table.get("Columns", []))]


@around(QuickSightResponse, "create_dashboard")
def create_dashboard(original: Any, self: QuickSightResponse) -> Any:
    """Source: botocore quicksight 1.44.5 CreateDashboard, 2026-11-28"""
    identifier = self._get_param("DashboardId")
    if identifier in self.quicksight_backend.dashboards:
        _exists("Dashboard", identifier)
    return original()


@operation(QuickSightResponse)
def update_dashboard(self: QuickSightResponse) -> Any:
    """A new version. It is not published by that; see UpdateDashboardPublishedVersion.

    Source: botocore quicksight 1.44.5 UpdateDashboard, 2026-11-28
    """
    body, dashboard = body_of(self), _dashboard(self)
    dashboard.name = body["Name"]
    dashboard.definition = body.get("Definition", dashboard.definition)
    dashboard.version_number += 1
    dashboard.last_updated_time = utcnow()
    return _done(Arn=dashboard.arn, VersionArn=dashboard.version_arn, DashboardId=dashboard.dashboard_id, CreationStatus="CREATION_SUCCESSFUL")


@operation(QuickSightResponse)
def update_dashboard_published_version(self: QuickSightResponse) -> Any:
    """Source: botocore quicksight 1.44.5 UpdateDashboardPublishedVersion, 2026-11-28"""
    dashboard = _dashboard(self)
    dashboard.last_published_time = utcnow()
    return _done(DashboardId=dashboard.dashboard_id, DashboardArn=dashboard.arn)


@operation(QuickSightResponse)
def delete_dashboard(self: QuickSightResponse) -> Any:
    """Source: botocore quicksight 1.44.5 DeleteDashboard, 2026-11-28"""
    dashboard, backend = _dashboard(self), self.quicksight_backend
    del backend.dashboards[dashboard.dashboard_id]
    backend.tagger.delete_all_tags_for_resource(dashboard.arn)
    return _done(Arn=dashboard.arn, DashboardId=dashboard.dashboard_id)


@operation(QuickSightResponse)
def describe_dashboard_permissions(self: QuickSightResponse) -> Any:
    """Source: botocore quicksight 1.44.5 DescribeDashboardPermissions, 2026-11-28"""
    dashboard = _dashboard(self)
    return _done(DashboardId=dashboard.dashboard_id, DashboardArn=dashboard.arn, Permissions=dashboard.permissions or [])


def _dashboard(self: QuickSightResponse) -> QuicksightDashboard:
    return _find(self.quicksight_backend.dashboards, self._get_param("DashboardId"), "Dashboard")


# QuickSight's times are seconds; moto writes them as text, which AWS's SDKs refuse.


@around(QuicksightDashboard, "__init__")
def dashboard_init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    """Source: botocore quicksight 1.44.5 Dashboard, 2026-11-28"""
    original(*args, **kwargs)
    self.created_time = self.last_updated_time = self.last_published_time = utcnow()


@around(QuickSightDataSource, "__init__")
def data_source_init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    """Source: botocore quicksight 1.44.5 DataSource, 2026-11-28"""
    original(*args, **kwargs)
    self.created_time = self.last_updated_time = utcnow()


@around(QuicksightDashboard, "to_dict")
def dashboard_to_dict(original: Any, self: Any) -> dict[str, Any]:
    """Source: botocore quicksight 1.44.5 Dashboard, 2026-11-28"""
    times = {"CreatedTime": epoch(self.created_time), "LastPublishedTime": epoch(self.last_published_time), "LastUpdatedTime": epoch(self.last_updated_time)}
    found = original()
    data_sets = [each["DataSetArn"] for each in (self.definition or {}).get("DataSetIdentifierDeclarations", [])]
    found["Version"] = {**found["Version"], "CreatedTime": epoch(self.last_updated_time), "DataSetArns": data_sets}
    return {**found, **times}


@around(QuickSightDataSource, "to_json")
def data_source_to_json(original: Any, self: Any) -> dict[str, Any]:
    """Source: botocore quicksight 1.44.5 DataSource, 2026-11-28"""
    return {**original(), "CreatedTime": epoch(self.created_time), "LastUpdatedTime": epoch(self.last_updated_time)}


@around(QuickSightBackend, "update_data_source")
def update_data_source(original: Any, self: QuickSightBackend, *args: Any, **kwargs: Any) -> Any:
    """Source: botocore quicksight 1.44.5 UpdateDataSource, 2026-11-28"""
    source = original(*args, **kwargs)
    source.last_updated_time = utcnow()
    return source


@around(QuickSightBackend, "list_dashboards")
def list_dashboards(original: Any, self: QuickSightBackend, aws_account_id: str) -> list[dict[str, Any]]:
    """Source: botocore quicksight 1.44.5 DashboardSummary, 2026-11-28"""
    return [
        {
            "Arn": each.arn,
            "DashboardId": each.dashboard_id,
            "Name": each.name,
            "CreatedTime": epoch(each.created_time),
            "LastUpdatedTime": epoch(each.last_updated_time),
            "PublishedVersionNumber": each.version_number,
            "LastPublishedTime": epoch(each.last_published_time),
        }
        for each in self.dashboards.values()
    ]
