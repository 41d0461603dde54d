"""Amazon CloudWatch Logs: an error that moto words wrong."""

from __future__ import annotations

from typing import Any

from moto.logs.models import LogGroup

from sandbox.kernel.extend import around, refuse


@around(LogGroup, "get_log_events")
def get_log_events(original: Any, self: LogGroup, log_stream_name: str, *args: Any, **kwargs: Any) -> Any:
    """moto says of a stream that is not there that its group is not.

    Source: botocore logs 1.44.5 GetLogEvents, 2026-11-28
    Source: localstack/localstack tests/aws/services/logs/test_logs_events.snapshot.json, 2026-11-28
    """
    if log_stream_name not in self.streams:
        refuse("ResourceNotFoundException", "The specified log stream does not exist.")
    return original(log_stream_name, *args, **kwargs)
