"""Trino's functions on maps, with lambdas and without.

Source: trinodb/trino docs/src/main/sphinx/functions/map.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

from typing import Any

from sandbox.services.athena.trino.functions.arrays import PLAIN, keyed, mark
from sandbox.services.athena.trino.functions.defining import sql, typed
from sandbox.services.athena.trino.python_functions import python_call
from sandbox.services.athena.trino.types import Type, array, row
from sandbox.services.athena.trino.values import Value, fault


sql("MAP {{}}", "map() map(K, V)")


def made(keys: list[Any], values: list[Any], kind: Type, duplicate: str = "Duplicate map keys ({}) are not allowed") -> list[tuple[Any, Any]]:
    from sandbox.services.athena.trino import text as texts

    seen = set()
    for each in keys:
        if each is None:
            fault("map key cannot be null")
        if mark(each, kind) in seen:
            fault(duplicate.format(texts.shown(each, kind)))
        seen.add(mark(each, kind))
    return list(zip(keys, values))


@typed("map(array(K), array(V)) map(K, V)|K:comparable")
def map_from(values: list[Value], returns: Type, tail: Any) -> str:
    kind = returns.args[0]

    def run_map(keys: list[Any], items: list[Any]) -> list[tuple[Any, Any]]:
        if len(keys) != len(items):
            fault("Key and value arrays must be the same length")
        return made(keys, items, kind)

    return python_call(run_map, values, returns, key=str(returns))


@typed("map_from_entries(array(row(K, V))) map(K, V)|K:comparable")
def map_from_entries(values: list[Value], returns: Type, tail: Any) -> str:
    kind = returns.args[0]

    def run_entries(entries: list[Any]) -> list[tuple[Any, Any]]:
        if None in entries:
            fault("map entry cannot be null")
        return made([each["f0"] for each in entries], [each["f1"] for each in entries], kind, "Duplicate keys ({}) are not allowed")

    return python_call(run_entries, values, returns, key=str(returns))


@typed("multimap_from_entries(array(row(K, V))) map(K, array(V))|K:comparable")
def multimap_from_entries(values: list[Value], returns: Type, tail: Any) -> str:
    kind = returns.args[0]

    def run_multimap(entries: list[Any]) -> list[tuple[Any, Any]]:
        found: dict[Any, tuple[Any, list[Any]]] = {}
        for each in entries:
            if each is None:
                fault("map entry cannot be null")
            if each["f0"] is None:
                fault("map key cannot be null")
            found.setdefault(mark(each["f0"], kind), (each["f0"], []))[1].append(each["f1"])
        return list(found.values())

    return python_call(run_multimap, values, returns, key=str(returns))


sql("map_keys({0})", "map_keys(map(K, V)) array(K)")
sql("map_values({0})", "map_values(map(K, V)) array(V)")


@typed("map_entries(map(K, V)) array(row(K, V))")
def map_entries(values: list[Value], returns: Type, tail: Any) -> str:
    return f"list_transform(map_entries({values[0].sql}), lambda e: struct_pack(f0 := e.key, f1 := e.value))"


def _found(entries: list[tuple[Any, Any]], key: Any, kind: Type) -> tuple[Any, Any] | None:
    wanted = mark(key, kind)
    return next((each for each in entries if mark(each[0], kind) == wanted), None)


@typed("element_at(map(K, V), K) V")
def element_of_map(values: list[Value], returns: Type, tail: Any) -> str:
    kind = values[1].type
    if kind.name in PLAIN:
        return f"{values[0].sql}[{values[1].sql}]"

    def run_element(entries: list[tuple[Any, Any]], key: Any) -> Any:
        found = _found(entries, key, kind)
        return found[1] if found else None

    return python_call(run_element, values, returns, key=str(values[0].type))


@typed("map_subscript(map(K, V), K) V")
def map_subscript(values: list[Value], returns: Type, tail: Any) -> str:
    kind = values[1].type

    def run_subscript(entries: list[tuple[Any, Any]], key: Any) -> Any:
        from sandbox.services.athena.trino import text as texts

        found = _found(entries, key, kind)
        if found is None:
            fault(f"Key not present in map: {texts.shown(key, kind)}")
        return found[1]

    return python_call(run_subscript, values, returns, key=str(values[0].type))


def _concat_maps(kind: Type, *maps: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    found: dict[Any, tuple[Any, Any]] = {}
    for each in maps:
        for key, value in each:
            known = found.get(mark(key, kind))
            found[mark(key, kind)] = (known[0] if known else key, value)
    return list(found.values())


keyed(_concat_maps, "map_concat(map(K, V), map(K, V), map(K, V)...) map(K, V)", "map_concat(map(K, V), map(K, V)) map(K, V)")


def _of_entry(by: Any) -> str:
    """What a lambda of key and value says of the entry, which is named after its key with a 0."""
    k, v = by.names
    return f"list_transform([{k}0.key], lambda {k}: list_transform([{k}0.value], lambda {v}: {by.body.sql})[1])[1]"


def _rebuilt(entries: str, kind: Type) -> str:
    listed = Value(f"list_transform({entries}, lambda e9: struct_pack(f0 := e9.key, f1 := e9.value))", array(row((None, kind.args[0]), (None, kind.args[1]))))
    return map_from_entries([listed], kind, None)


@typed("map_filter(map(K, V), function(K, V, boolean)) map(K, V)")
def map_filter(values: list[Any], returns: Type, tail: Any) -> str:
    of, by = values
    kept = f"list_filter(map_entries({of.sql}), lambda {by.names[0]}0: {_of_entry(by)})"
    return f"map_from_entries({kept})"


@typed("transform_values(map(K, V), function(K, V, U)) map(K, U)")
def transform_values(values: list[Any], returns: Type, tail: Any) -> str:
    of, by = values
    k = by.names[0]
    made_entries = f"list_transform(map_entries({of.sql}), lambda {k}0: struct_pack(key := {k}0.key, value := {_of_entry(by)}))"
    return f"map_from_entries({made_entries})"


@typed("transform_keys(map(K, V), function(K, V, U)) map(U, V)")
def transform_keys(values: list[Any], returns: Type, tail: Any) -> str:
    of, by = values
    k = by.names[0]
    made_entries = f"list_transform(map_entries({of.sql}), lambda {k}0: struct_pack(key := {_of_entry(by)}, value := {k}0.value))"
    return _rebuilt(made_entries, returns)


@typed("map_zip_with(map(K, V), map(K, W), function(K, V, W, R)) map(K, R)")
def map_zip_with(values: list[Any], returns: Type, tail: Any) -> str:
    a, b, by = values
    k, v, w = by.names
    kind = a.type.args[0]

    def run_zip_maps(one: list[tuple[Any, Any]], other: list[tuple[Any, Any]]) -> list[dict[str, Any]]:
        marks = {mark(key, kind): (key, value) for key, value in other}
        out = []
        for key, value in one:
            found = marks.pop(mark(key, kind), None)
            out.append({"f0": key, "f1": value, "f2": found[1] if found else None})
        return [*out, *({"f0": key, "f1": None, "f2": value} for key, value in marks.values())]

    merged = python_call(run_zip_maps, [a, b], array(row((None, kind), (None, a.type.args[1]), (None, b.type.args[1]))), key=f"{a.type}{b.type}")
    value = f"list_transform([{k}0.f0], lambda {k}: list_transform([{k}0.f1], lambda {v}: list_transform([{k}0.f2], lambda {w}: {by.body.sql})[1])[1])[1]"
    return f"map_from_entries(list_transform({merged}, lambda {k}0: struct_pack(key := {k}0.f0, value := {value})))"
