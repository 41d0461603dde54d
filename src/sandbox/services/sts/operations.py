"""AWS STS: who the caller is."""

from __future__ import annotations

from typing import Any

from moto.sts.models import STSBackend

from sandbox.kernel.extend import CALLER_ARN, around


@around(STSBackend, "get_caller_identity")
def get_caller_identity(original: Any, self: STSBackend, access_key_id: str, region: str) -> tuple[str, str, str]:
    """Source: botocore sts 1.44.5 GetCallerIdentity, 2026-11-28"""
    identifier, arn, account = original(access_key_id, region)
    return ("AIDASANDBOXSANDBOX000", CALLER_ARN, account) if arn.endswith(":user/moto") else (identifier, arn, account)
