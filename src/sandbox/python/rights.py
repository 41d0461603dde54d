"""What IAM and Lake Formation say about a role, for the gateway to judge what runs with it."""

from __future__ import annotations

from moto.iam.models import iam_backends

from account_operations import _decide, _statements_of
from extend import ACCOUNT, Refusal
from inspection import inspection


@inspection
def iam_decision(principal: str, action: str, resource: str) -> str:
    """`allowed`, `explicitDeny` or `implicitDeny`; a principal that is not there is allowed nothing."""
    try:
        statements = _statements_of(iam_backends[ACCOUNT]["aws"], principal)
    except Refusal:
        return "implicitDeny"
    return _decide(statements, action, resource, {})[0]
