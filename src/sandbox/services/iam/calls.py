"""What a call asks IAM for: which actions on which resources, and with what conditions.

Of one table, AWS's own list of actions and the resources that each is used on (`actions.generated.json`), and of what
the interface of a service says a request holds. What neither tells stands here: where a service's operations and
IAM's actions have different names, and by what members a request names its resources where that is not the resource's own name.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html, 2026-11-28 (whole file)
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html, 2026-11-28 (whole file)
Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (Permissions), 2026-11-28 (whole file)
Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html, 2026-11-28 (whole file)
"""

from __future__ import annotations

import functools
import json
import re
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator

from sandbox.kernel.extend import ACCOUNT


@dataclass(frozen=True)
class Check:
    """One thing that a call must be allowed to do."""

    action: str
    resource: str
    #: Condition keys that only this one has.
    context: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A call as its interface has it."""

    service: str
    region: str
    operation: str
    input: dict[str, Any]


@functools.lru_cache(1)
def _table() -> dict[str, Any]:
    return json.loads(Path(__file__).with_name("actions.generated.json").read_text("utf-8"))["services"]


@functools.lru_cache(64)
def _actions(service: str) -> dict[str, tuple[str, bool, tuple[tuple[str, bool], ...]]]:
    """Of each action, by its name in lower case: its name, whether it only reads, and the types that it is used on, with whether they must be there."""
    found = {}
    for name, packed in _table().get(service, {"actions": {}})["actions"].items():
        reads = packed.startswith("R ")
        types = packed.removeprefix("R ").split()
        found[name.lower()] = (name, reads, tuple((each.rstrip("?"), not each.endswith("?")) for each in types))
    return found


#: Operations whose action of IAM has another name.
NAMES = {
    "s3": {
        "ListObjects": "ListBucket", "ListObjectsV2": "ListBucket", "HeadBucket": "ListBucket", "HeadObject": "GetObject", "ListBuckets": "ListAllMyBuckets",
        "ListObjectVersions": "ListBucketVersions", "ListMultipartUploads": "ListBucketMultipartUploads", "ListParts": "ListMultipartUploadParts",
        "CreateMultipartUpload": "PutObject", "UploadPart": "PutObject", "UploadPartCopy": "PutObject", "CompleteMultipartUpload": "PutObject",
        "CopyObject": "PutObject", "DeleteObjects": "DeleteObject", "SelectObjectContent": "GetObject",
        "GetBucketEncryption": "GetEncryptionConfiguration", "PutBucketEncryption": "PutEncryptionConfiguration", "DeleteBucketEncryption": "PutEncryptionConfiguration",
        "GetPublicAccessBlock": "GetBucketPublicAccessBlock", "PutPublicAccessBlock": "PutBucketPublicAccessBlock", "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
        "GetBucketLifecycle": "GetLifecycleConfiguration", "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration", "PutBucketLifecycle": "PutLifecycleConfiguration",
        "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration", "DeleteBucketLifecycle": "PutLifecycleConfiguration",
        "DeleteBucketTagging": "PutBucketTagging", "DeleteBucketCors": "PutBucketCORS", "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
        "GetBucketNotificationConfiguration": "GetBucketNotification", "PutBucketNotificationConfiguration": "PutBucketNotification",
        "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration", "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
        "GetBucketReplication": "GetReplicationConfiguration", "PutBucketReplication": "PutReplicationConfiguration", "DeleteBucketReplication": "PutReplicationConfiguration",
        "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration", "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    },
    "lambda": {"Invoke": "InvokeFunction", "InvokeAsync": "InvokeFunction", "InvokeWithResponseStream": "InvokeFunction"},
}  # fmt: skip

#: Names of services in signatures that are not IAM's.
PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag"}

#: What everybody may ask, whatever policies say.
#: Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html, 2026-11-28
#: Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html, 2026-11-28
FREE = {("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")}

#: By which members requests name a resource, where those are not called as the variable of its ARN is.
MEMBERS = {
    ("ec2", "SecurityGroupId"): ("GroupId", "SecurityGroupId"),
    ("ec2", "NetworkInterfaceId"): ("NetworkInterfaceId",),
    ("ec2", "KeyPairName"): ("KeyName",),
    ("ssm", "ParameterNameWithoutLeadingSlash"): ("Name", "Names", "Path"),
    ("ssm", "DocumentName"): ("DocumentName", "Name"),
    ("events", "RuleName"): ("Rule", "Name"),
    ("athena", "WorkGroupName"): ("WorkGroup", "Name"),
    ("athena", "DataCatalogName"): ("CatalogName", "Name"),
    ("kms", "KeyId"): ("KeyId", "TargetKeyId"),
    ("logs", "LogGroupName"): ("LogGroupName", "LogGroupIdentifier", "LogGroupNames"),
}

#: The services that a role is handed to, and the members that it is handed over by.
#: Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html, 2026-11-28
PASSED = {
    "glue": ("glue.amazonaws.com", ("Role",)),
    "lambda": ("lambda.amazonaws.com", ("Role",)),
    "events": ("events.amazonaws.com", ("RoleArn",)),
    "lakeformation": ("lakeformation.amazonaws.com", ("RoleArn",)),
    "ssm": ("ssm.amazonaws.com", ("ServiceRoleArn",)),
}

#: What things of EC2's are, by how their ids begin.
EC2_IDS = {
    "i": "instance", "vol": "volume", "sg": "security-group", "sgr": "security-group-rule", "eipalloc": "elastic-ip", "vpce": "vpc-endpoint", "eni": "network-interface",
    "subnet": "subnet", "vpc": "vpc", "rtb": "route-table", "ami": "image", "snap": "snapshot", "igw": "internet-gateway", "key": "key-pair", "acl": "network-acl", "nat": "natgateway",
}  # fmt: skip


# --- What a request is --------------------------------------------------------------------------------------------------


def asked(service: str, region: str, action: str, method: str, url: str, headers: dict[str, str], body: Any) -> Asked | None:
    """The operation that a request is for; nothing when its service has none like it."""
    path, _, query = url.partition("?")
    given = urllib.parse.parse_qs(query, keep_blank_values=True)
    if action:
        values: Any = body if isinstance(body, dict) else _nested(urllib.parse.parse_qsl(body if isinstance(body, str) else query, keep_blank_values=True))
        return Asked(service, region, action, values)
    found = _operation(service, method, path, given, headers)
    if found is None:
        return None
    operation, named = found
    values = {**(body if isinstance(body, dict) else {}), **{key: each[0] for key, each in given.items()}, **named}
    return Asked(service, region, operation, values)


def _nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`Tag.1.Key=a` as the members that it stands for."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        at, *rest = name.split(".")
        rest = [each for each in rest if each != "member"]
        place = found
        for part in rest:
            inner = place.setdefault(at, {})
            place, at = (inner if isinstance(inner, dict) else {}), part
        place[at] = value

    def lists(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        inner = {key: lists(each) for key, each in value.items()}
        return list(inner.values()) if inner and all(key.isdigit() for key in inner) else inner

    return {key: lists(value) for key, value in found.items() if key not in ("Action", "Version")}


@functools.lru_cache(8)
def _interface(service: str) -> tuple[tuple[str, str, re.Pattern[str], dict[str, str], tuple[str, ...]], ...]:
    """Operations of a service that speaks REST, those with more in their query first: name, method, path, query, and members that tell it from another."""
    from botocore.loaders import Loader

    model = Loader().load_service_model(service, "service-2")
    found = []
    for name, operation in model["operations"].items():
        if operation.get("deprecated"):
            continue
        path, _, query = operation["http"]["requestUri"].partition("?")
        wanted = {key: each[0] for key, each in urllib.parse.parse_qs(query, keep_blank_values=True).items()}
        shape = model["shapes"].get(operation.get("input", {}).get("shape", ""), {})
        required = [shape["members"][each] for each in shape.get("required", [])]
        marks = tuple(f"{each['location']}:{each['locationName'].lower()}" for each in required if each.get("location") in ("querystring", "header"))
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.sub(r"\\\{(\w+)\\\+\\\}", r"(?P<\1>.+)", re.escape(path)))
        found.append((name, operation["http"]["method"], re.compile(f"{pattern.rstrip('/')}/?\\Z"), wanted, marks))
    return tuple(sorted(found, key=lambda each: -len(each[3]) - len(each[4])))


def _operation(service: str, method: str, path: str, query: dict[str, list[str]], headers: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    try:
        operations = _interface(service)
    except Exception:
        return None
    # Keys of objects may hold anything, slashes at their ends too.
    for name, verb, pattern, wanted, marks in operations:
        if verb != method or any(key not in query or (value and query[key][0] != value) for key, value in wanted.items()):
            continue
        if any(mark.split(":")[1] not in (headers if mark.startswith("header") else {key.lower() for key in query}) for mark in marks):
            continue
        match = pattern.match(path)
        if match:
            return name, {key: urllib.parse.unquote(value) for key, value in match.groupdict().items() if value is not None}
    return None


# --- What it needs ------------------------------------------------------------------------------------------------------


def checks(call: Asked, headers: dict[str, str], deleted: list[str]) -> list[Check]:
    """All that must be allowed for a call, in the order in which it is looked at. `deleted` are the keys of S3's DeleteObjects."""
    service = PREFIXES.get(call.service, call.service)
    if (service, call.operation) in FREE:
        return []
    if service == "s3":
        return _of_s3(call, headers, deleted)
    named = NAMES.get(service, {}).get(call.operation, call.operation)
    name, reads, types = _actions(service).get(named.lower(), (named, False, ()))
    context = _context(service, call)
    found = [Check(f"{service}:{name}", resource, context) for resource in _resources(service, call, reads, types)]
    return [*found, *_tagging(service, call, context), *_passed(service, call)]


def _of_s3(call: Asked, headers: dict[str, str], deleted: list[str]) -> list[Check]:
    named = NAMES["s3"].get(call.operation, call.operation)
    name, _, types = _actions("s3").get(named.lower(), (named, False, ()))
    bucket, key = call.input.get("Bucket"), call.input.get("Key")
    keys: dict[str, list[str]] = {f"s3:{each}": [str(call.input[each])] for each in ("prefix", "delimiter", "max-keys") if each in call.input}
    keys |= {f"s3:{each}": [value] for each, value in headers.items() if each.startswith("x-amz-")}
    if "versionId" in call.input and name in ("GetObject", "DeleteObject", "GetObjectTagging", "GetObjectAcl"):
        name = name.replace("Object", "ObjectVersion", 1)
    if not bucket:
        return [Check(f"s3:{name}", "*", keys)]
    of_objects = any(each == "object" for each, _ in types)
    objects = deleted or ([key] if key is not None else ["*"])
    found = [Check(f"s3:{name}", f"arn:aws:s3:::{bucket}/{each}", keys) for each in objects] if of_objects else [Check(f"s3:{name}", f"arn:aws:s3:::{bucket}", keys)]
    source = headers.get("x-amz-copy-source")
    if source:
        found.insert(0, Check("s3:GetObject", f"arn:aws:s3:::{urllib.parse.unquote(source).lstrip('/').split('?')[0]}", {}))
    if "x-amz-tagging" in headers and name == "PutObject":
        found.append(Check("s3:PutObjectTagging", found[-1].resource, keys))
    return found


def _resources(service: str, call: Asked, reads: bool, types: tuple[tuple[str, bool], ...]) -> list[str]:
    if service == "ec2" and re.fullmatch(r"(Create|Delete)Tags", call.operation):
        return [_ec2_arn(call.region, EC2_IDS.get(each.split("-")[0], "*"), each) for each in _all(call.input, "ResourceId")]
    if service == "ssm" and "Tag" in call.operation:
        # By kind and id: botocore ssm 1.44.5 ResourceTypeForTagging.
        kind = {"ManagedInstance": "managed-instance"}.get(call.input.get("ResourceType", ""), str(call.input.get("ResourceType", "*")).lower())
        return [f"arn:aws:ssm:{call.region}:{ACCOUNT}:{kind}/{str(call.input.get('ResourceId', '*')).lstrip('/')}"]
    # A list of tags is one of whatever the ARN says.
    arns = [each for member in ("ResourceArn", "ResourceARN", "Resource") for each in _values(call.input.get(member)) if each.startswith("arn:")]
    if arns and re.search(r"Tag", call.operation):
        return arns
    if service == "lakeformation":
        # Source: https://docs.aws.amazon.com/lake-formation/latest/dg/troubleshooting.html, 2026-11-28
        return [f"arn:aws:lakeformation:{call.region}:{ACCOUNT}:catalog:{ACCOUNT}"]
    known: list[str] = []
    open_ended: list[str] = []
    # The catalog is looked at before what is in it.
    for name, required in sorted(types, key=lambda each: each[0] != "rootcatalog"):
        template = _table()[service]["types"].get(name)
        if template is None:
            continue
        filled = _filled(service, name, template, call)
        whole = [each for each in filled if "*" not in each]
        known += whole
        if required and not whole:
            open_ended += filled
    # What lists need not name what it lists: the catalog alone, for GetDatabases.
    return list(dict.fromkeys(known if reads and known else known + open_ended)) or ["*"]


def _filled(service: str, kind: str, template: str, call: Asked) -> list[str]:
    """The ARNs of a type that a call names; with `*` where it names none."""
    variables = [each for each in re.findall(r"\$\{(\w+)\}", template) if each not in ("Partition", "Region", "Account")]
    base = template.replace("${Partition}", "aws").replace("${Region}", call.region).replace("${Account}", ACCOUNT)
    found = [base]
    if service == "ssm" and kind in ("instance", "managed-instance"):
        # Which of both it is, its id says.
        ids = [each for each in _all(call.input, "InstanceId") if each.startswith("mi-") == (kind == "managed-instance")]
        return [base.replace("${InstanceId}", each) for each in ids]
    for variable in variables:
        values = _named(service, kind, variable, call)
        whole = [value for value in values if value.startswith("arn:")]
        if whole:
            return whole
        found = [each.replace(f"${{{variable}}}", value) for each in found for value in (values or ["*"])]
    if service == "logs" and kind == "log-group":
        # So it is in the messages of many logs; a policy that ends in `:*` matches.
        found = [f"{each}:log-stream:" for each in found]
    if service == "ssm" and kind == "document":
        found = [each.replace(f":{ACCOUNT}:document/AWS-", "::document/AWS-") for each in found]
    return found


def _named(service: str, kind: str, variable: str, call: Asked) -> list[str]:
    given = call.input
    if service in ("iam", "sts"):
        return _in_iam(kind, call)
    if service == "quicksight" and variable == "ResourceId":
        if kind == "user":
            return [f"{given.get('Namespace', 'default')}/{given.get('UserName', '*')}"]
        if kind in ("account", "customization"):
            return [str(given.get("AwsAccountId", "*"))]
        own = next((str(given[key]) for key in given if key.lower() == f"{kind}id"), None)
        return [own] if own else _all(given, f"{kind}arn")
    if service == "events" and variable == "EventBusName":
        bus = given.get("EventBusName", "default")
        return [] if bus == "default" else [bus]
    if service == "events" and kind == "rule-on-default-event-bus" and given.get("EventBusName", "default") != "default":
        return []
    members = MEMBERS.get((service, variable))
    if members is None:
        subject = variable.removesuffix("Name").lower()
        members = (variable,)
        if variable.endswith("Name"):
            # CreateJob calls it Name, CreateDatabase DatabaseInput.Name, BatchGetJobs JobNames.
            inner = next((given[key].get("Name") for key in given if key.lower() == f"{subject}input" and isinstance(given[key], dict)), None)
            if inner:
                return [inner]
            if subject in call.operation.lower():
                members = (variable, "Name", "TablesToDelete") if subject == "table" else (variable, "Name")
    for member in members:
        values = _all(given, member)
        if values:
            return [each.lstrip("/") for each in values] if variable == "ParameterNameWithoutLeadingSlash" else values
    return []


def _in_iam(kind: str, call: Asked) -> list[str]:
    """The ARNs of what a call of IAM names, with the paths of what is there."""
    from sandbox.services.iam.principals import backend

    given, iam = call.input, backend()
    if kind == "policy":
        return [given["PolicyArn"]] if "PolicyArn" in given else [f"arn:aws:iam::{ACCOUNT}:policy{given.get('Path', '/')}{given.get('PolicyName', '*')}"]
    if kind == "federated-user":
        return [given.get("Name", "*")]
    if call.operation == "CreateServiceLinkedRole":
        return [f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{given.get('AWSServiceName')}/*"]
    stores: dict[str, tuple[str, Any]] = {
        "user": ("UserName", iam.users), "role": ("RoleName", iam.roles), "group": ("GroupName", iam.groups), "instance-profile": ("InstanceProfileName", iam.instance_profiles),
    }  # fmt: skip
    if kind == "role" and "RoleArn" in given:
        return [given["RoleArn"]]
    if kind not in stores:
        return []
    member, store = stores[kind]
    name = given.get(member)
    if name is None:
        return []
    found = next((each for each in store.values() if each.name == name), None)
    return [found.arn if found else f"arn:aws:iam::{ACCOUNT}:{kind}{given.get('Path', '/')}{name}"]


def role_arn(role: str) -> str:
    """A role by its name, path or ARN."""
    from sandbox.services.iam.principals import backend

    if role.startswith("arn:"):
        return role
    found = next((each for each in backend().roles.values() if each.name == role.split("/")[-1]), None)
    return found.arn if found else f"arn:aws:iam::{ACCOUNT}:role/{role.lstrip('/')}"


def _passed(service: str, call: Asked) -> Iterator[Check]:
    """Handing a role to a service."""
    if service == "iam" and call.operation == "AddRoleToInstanceProfile":
        yield Check("iam:PassRole", role_arn(call.input.get("RoleName", "*")), {"iam:PassedToService": ["ec2.amazonaws.com"]})
    if service == "ec2":
        from sandbox.services.iam.principals import backend

        given = call.input.get("IamInstanceProfile")
        wanted = {given.get("Name"), given.get("Arn")} if isinstance(given, dict) else set()
        for profile in backend().instance_profiles.values():
            if {profile.name, profile.arn} & wanted:
                yield from (Check("iam:PassRole", role.arn, {"iam:PassedToService": ["ec2.amazonaws.com"]}) for role in profile.roles)
        return
    to, members = PASSED.get(service, ("", ()))
    # A function's update names its role only to change it, a job's always does.
    places = [call.input, *(each for each in call.input.values() if isinstance(each, dict)), *(each for value in call.input.values() if isinstance(value, list) for each in value if isinstance(each, dict))]
    for place in places if re.match(r"Create|Update|Put|Register|Send", call.operation) else []:
        for member in members:
            if isinstance(place.get(member), str) and place[member]:
                yield Check("iam:PassRole", role_arn(place[member]), {"iam:PassedToService": [to]})


#: The action that puts tags on what is made with tags, where it is not TagResource.
#: Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html, 2026-11-28
#: Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html, 2026-11-28
#: Source: https://docs.aws.amazon.com/glue/latest/dg/monitor-tags.html, 2026-11-28
TAGGED_BY = {"ssm": "AddTagsToResource", "iam": "Tag{}"}


def _tagging(service: str, call: Asked, context: dict[str, list[str]]) -> Iterator[Check]:
    """What is tagged while it is made needs the right to tag, too."""
    made = re.fullmatch(r"(?:Create|Put)(\w+)", call.operation)
    if made and "aws:TagKeys" in context and service in ("glue", "lambda", "iam", "ssm", "events", "athena", "quicksight"):
        name = TAGGED_BY.get(service, "TagResource").format(made[1])
        kind = {"InstanceProfile": "instance-profile", "Rule": "rule-on-default-event-bus"}.get(made[1], made[1].lower())
        template = _table()[service]["types"].get(kind)
        if template and name.lower() in _actions(service):
            yield from (Check(f"{service}:{name}", resource, context) for resource in _filled(service, kind, template, call))
    if service == "quicksight" and re.fullmatch(r"(Create|Update)(DataSet|Dashboard)", call.operation):
        # What a thing is made of is handed over, as roles are.
        # Source: https://docs.aws.amazon.com/quicksight/latest/developerguide/create-data-set.html, 2026-11-28
        what = "DataSource" if call.operation.endswith("DataSet") else "DataSet"
        yield from (Check(f"quicksight:Pass{what}", each, {}) for each in _all(call.input, f"{what}Arn"))
    if service == "ec2":
        for given in _values(call.input.get("TagSpecification"), kinds=dict):
            tags = {each.get("Key", ""): each.get("Value", "") for each in _values(given.get("Tag"), kinds=dict)}
            keys = {"ec2:CreateAction": [call.operation], "aws:TagKeys": [*tags], **{f"aws:RequestTag/{key}": [value] for key, value in tags.items()}}
            yield Check("ec2:CreateTags", _ec2_arn(call.region, given.get("ResourceType", "*"), "*"), keys)


def _context(service: str, call: Asked) -> dict[str, list[str]]:
    """The condition keys that the request itself says."""
    found: dict[str, list[str]] = {}
    for member, value in call.input.items():
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            found[f"{service}:{member}"] = [str(value)]
    tags: dict[str, str] = {}
    for member in ("Tags", "TagList", "Tag", "TagsToAdd"):
        given = call.input.get(member)
        if isinstance(given, dict):
            tags |= {str(key): str(value) for key, value in given.items()}
        for each in _values(given, kinds=dict):
            if "Key" in each:
                tags[str(each["Key"])] = str(each.get("Value", ""))
    for each in _values(call.input.get("TagSpecification"), kinds=dict):
        tags |= {tag.get("Key", ""): tag.get("Value", "") for tag in _values(each.get("Tag"), kinds=dict)}
    keys = [*tags, *_values(call.input.get("TagKeys")), *_values(call.input.get("TagsToRemove"))]
    if keys:
        found["aws:TagKeys"] = keys
    return found | {f"aws:RequestTag/{key}": [value] for key, value in tags.items()}


def _ec2_arn(region: str, kind: str, id: str) -> str:
    return f"arn:aws:ec2:{region}:{'' if kind == 'image' else ACCOUNT}:{kind}/{id}"


def _values(given: Any, kinds: type = str) -> list[Any]:
    return [each for each in (given if isinstance(given, list) else [given]) if isinstance(each, kinds)]


def _all(given: Any, member: str) -> list[str]:
    """The values of a member, or of its plural, nearest to the top."""
    wanted = {member.lower(), f"{member.lower()}s", f"{member.lower()}list"}
    level: list[Any] = [given]
    while level:
        inner: list[Any] = []
        found: list[str] = []
        for each in level:
            if isinstance(each, dict):
                for key, value in each.items():
                    if key.lower() in wanted:
                        found += _values(value)
                    if isinstance(value, (dict, list)):
                        inner.append(value)
            elif isinstance(each, list):
                inner += [one for one in each if isinstance(one, (dict, list))]
        if found:
            return list(dict.fromkeys(found))
        level = inner
    return []
