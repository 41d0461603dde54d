"""Trino's `sequence`: numbers, dates and times in steps.

Source: trinodb/trino docs/src/main/sphinx/functions/array.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.services.athena.trino.functions.defining import python
from sandbox.services.athena.trino.operators import date_months, timestamp_months
from sandbox.services.athena.trino.values import fault


def _sequence(start: int, stop: int, step: int) -> list[int]:
    if step == 0:
        fault("step must not be zero")
    if (stop - start) * step < 0:
        fault("sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start")
    if abs((stop - start) // step) + 1 > 10_000:
        fault("result of sequence function must not have more than 10000 entries")
    return list(range(start, stop + (1 if step > 0 else -1), step))


@python("sequence(bigint, bigint) array(bigint)")
def sequence(start: int, stop: int) -> list[int]:
    return _sequence(start, stop, 1 if stop >= start else -1)


@python("sequence(bigint, bigint, bigint) array(bigint)")
def sequence_by(start: int, stop: int, step: int) -> list[int]:
    return _sequence(start, stop, step)


@python("sequence(date, date) array(date)")
def sequence_dates(start: int, stop: int) -> list[int]:
    return _sequence(start, stop, 1 if stop >= start else -1)


@python("sequence(date, date, interval day to second) array(date)")
def sequence_dates_by(start: int, stop: int, step: int) -> list[int]:
    if step % 86_400_000:
        fault("sequence step must be a day interval if start and end values are dates")
    return _sequence(start, stop, step // 86_400_000)


def _by_months(start: int, stop: int, step: int, add: Callable[[int, int], int]) -> list[int]:
    if step == 0:
        fault("interval step must not be zero")
    if (stop - start) * step < 0:
        fault("sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start")
    found = []
    for at in range(10_001):
        each = add(start, at * step)
        if each > stop if step > 0 else each < stop:
            return found
        found.append(each)
    fault("result of sequence function must not have more than 10000 entries")


@python("sequence(date, date, interval year to month) array(date)")
def sequence_months(start: int, stop: int, step: int) -> list[int]:
    return _by_months(start, stop, step, date_months)


@python("sequence(timestamp(p), timestamp(p), interval day to second) array(timestamp(p))")
def sequence_times(start: int, stop: int, step: int) -> list[int]:
    return _sequence(start, stop, step * 1000)


@python("sequence(timestamp(p), timestamp(p), interval year to month) array(timestamp(p))")
def sequence_time_months(start: int, stop: int, step: int) -> list[int]:
    return _by_months(start, stop, step, timestamp_months)
