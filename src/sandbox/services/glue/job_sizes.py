"""How large a Glue job may be: which of its workers, capacity and version go together.

Source: botocore glue 1.44.5 CreateJobRequest, 2026-11-28 (whole file)
Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html, 2026-11-28 (whole file)
"""

from __future__ import annotations

from typing import Any

from sandbox.kernel.extend import refuse
from sandbox.kernel.inspection import inspection

WORKERS = ("Standard", "G.1X", "G.2X", "G.4X", "G.8X", "G.12X", "G.16X", "R.1X", "R.2X", "R.4X", "R.8X", "G.025X", "Z.2X")
VERSIONS = ("0.9", "1.0", "2.0", "3.0", "4.0", "5.0", "5.1")
#: Workers of one kind of job only.
ONLY_FOR = {"G.025X": "gluestreaming", "Z.2X": "glueray"}
FEWEST_WORKERS = 2
LEAST_CAPACITY = 2
#: What a Python shell job may have.
SHELL_CAPACITIES = (0.0625, 1)


@inspection
def job_size_problem(job: dict[str, Any]) -> str | None:
    """Why AWS would not take a job of this size.

    Source: aws-samples/cql-replicator#181, 2026-11-28
    Source: aws/aws-cdk#26241, 2026-11-28
    Source: aws/aws-cdk#26650, 2026-11-28
    Source: cloudposse/terraform-aws-glue#42, 2026-11-28
    Source: none found (tried: issues search for the words on a worker type or a version that is not there, and on two capacities), 2026-11-28
    """
    command = (job.get("Command") or {}).get("Name") or "glueetl"
    worker, count, capacity, version = job.get("WorkerType"), job.get("NumberOfWorkers"), job.get("MaxCapacity"), job.get("GlueVersion")
    if version is not None and version not in VERSIONS:
        return f"Glue version {version} is not supported. Supported versions: {', '.join(VERSIONS)}."
    if worker is not None and command == "pythonshell":
        return "Worker Type is not supported for Job Command pythonshell"
    if worker is not None and worker not in WORKERS:
        return f"Worker Type {worker} is not supported. Supported worker types: {', '.join(WORKERS)}."
    if worker is not None and ONLY_FOR.get(worker, command) != command:
        return f"Worker Type {worker} is not supported for Job Command {command}"
    if capacity is not None and (worker is not None or count is not None):
        return "Please do not set Max Capacity if using Worker Type and Number of Workers."
    if (worker is None) != (count is None):
        return "Please set both Worker Type and Number of Workers."
    if capacity is not None and job.get("AllocatedCapacity") is not None:
        return "Please set only one of Allocated Capacity and Max Capacity."
    if worker is not None and count < FEWEST_WORKERS and command != "glueray":
        return f"To use Worker Type {worker}, minimum allowed value of Number of Workers is {FEWEST_WORKERS}."
    if capacity is not None and command == "pythonshell" and capacity not in SHELL_CAPACITIES:
        return f"Max Capacity of a job with the command pythonshell is {SHELL_CAPACITIES[0]} or {SHELL_CAPACITIES[1]}, not {capacity:g}."
    if capacity is not None and command != "pythonshell" and capacity < LEAST_CAPACITY:
        return f"Max Capacity of a job with the command {command} is at least {LEAST_CAPACITY}, not {capacity:g}."
    return None


def refuse_size(job: dict[str, Any]) -> None:
    """Source: botocore glue 1.44.5 InvalidInputException, 2026-11-28"""
    problem = job_size_problem(job)
    if problem:
        refuse("InvalidInputException", problem)
