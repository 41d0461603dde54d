"""What a column of a Parquet file is read as, and what its partitions may say of it.

Source: trinodb/trino plugin/trino-hive/src/main/java/io/trino/plugin/hive/HiveErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from sandbox.kernel.engine import Refusal
from sandbox.services.athena.trino.types import INTEGERS, Type, engine_type
from sandbox.services.athena.type_names import type_named

_PHYSICAL = [
    (pa.types.is_boolean, "BOOLEAN"), (pa.types.is_int64, "INT64"), (pa.types.is_integer, "INT32"), (pa.types.is_float32, "FLOAT"), (pa.types.is_floating, "DOUBLE"), (pa.types.is_date, "INT32"),
    (pa.types.is_timestamp, "INT64"), (pa.types.is_string, "BINARY"), (pa.types.is_large_string, "BINARY"), (pa.types.is_binary, "BINARY"), (pa.types.is_decimal, "FIXED_LEN_BYTE_ARRAY"),
]  # fmt: skip


def column_of(field: pa.Field, kind: Type, name: str) -> str:
    """SQL of a column as the engine has values of its type in the catalog."""
    return _value('"' + field.name.replace('"', '""') + '"', field.type, kind, name)


def _value(sql: str, own: pa.DataType, kind: Type, name: str) -> str:
    if pa.types.is_dictionary(own):
        own = own.value_type
    found = _nested(sql, own, kind, name) if kind.name in ("array", "map", "row") else _plain(sql, own, kind)
    if found is None:
        physical = next((said for test, said in _PHYSICAL if test(own)), str(own).upper())
        said = "varchar" if kind.name == "varchar" else str(kind)
        raise Refusal("HIVE_BAD_DATA", f"Field {name}'s type {physical} in parquet file is incompatible with type {said} defined in table schema")
    return found


def _plain(sql: str, own: pa.DataType, kind: Type) -> str | None:
    name = kind.name
    if pa.types.is_null(own):
        return f"CAST({sql} AS {engine_type(kind)})"
    if name in INTEGERS and pa.types.is_integer(own) and (own.bit_width <= 32 or name == "bigint"):
        return f"CAST({sql} AS {engine_type(kind)})"
    if name == "double" and (pa.types.is_floating(own) or pa.types.is_integer(own)) or name == "real" and pa.types.is_float32(own):
        return f"CAST({sql} AS {engine_type(kind)})"
    if name == "decimal" and (pa.types.is_decimal(own) or pa.types.is_integer(own)):
        return f"CAST({sql} AS {engine_type(kind)})"
    if name in ("varchar", "char") and (pa.types.is_string(own) or pa.types.is_large_string(own) or pa.types.is_binary(own)):
        text = f"CAST({sql} AS VARCHAR)" if not pa.types.is_binary(own) else f"decode({sql})"
        if name == "char":
            return f"rtrim(substr({text}, 1, {kind.args[0]}), ' ')"
        return text if kind.args[0] == 2147483647 else f"substr({text}, 1, {kind.args[0]})"
    if name == "varbinary" and (pa.types.is_binary(own) or pa.types.is_string(own)):
        return f"encode({sql})" if pa.types.is_string(own) else sql
    if name == "boolean" and pa.types.is_boolean(own) or name == "date" and pa.types.is_date(own):
        return sql
    if name == "timestamp" and pa.types.is_timestamp(own):
        moment = f"CAST({sql} AS TIMESTAMP)"
        if own.unit in ("s", "ms"):
            return moment
        # To the millisecond, half up, also before 1970.
        micros = f"(epoch_us({moment}) + 500)"
        return f"make_timestamp({micros} - ({micros} % 1000 + 1000) % 1000)"
    return None


def _nested(sql: str, own: pa.DataType, kind: Type, name: str) -> str | None:
    if pa.types.is_null(own):
        return f"CAST({sql} AS {engine_type(kind)})"
    if kind.name == "array" and (pa.types.is_list(own) or pa.types.is_large_list(own)):
        return f"list_transform({sql}, lambda e: {_value('e', own.value_type, kind.args[0], name)})"
    if kind.name == "map" and pa.types.is_map(own):
        key, item = _value("e.key", own.key_type, kind.args[0], name), _value("e.value", own.item_type, kind.args[1], name)
        return f"map_from_entries(list_transform(map_entries({sql}), lambda e: struct_pack(key := {key}, value := {item})))"
    if kind.name == "row" and pa.types.is_struct(own):
        fields = {field.name.lower(): field for field in own}
        parts = []
        for at, (field, of) in enumerate(kind.args):
            known = fields.get((field or "").lower())
            value = f"CAST(NULL AS {engine_type(of)})" if known is None else _value(f'({sql})."{known.name}"', known.type, of, name)
            parts.append(f"f{at} := {value}")
        return f"(CASE WHEN {sql} IS NOT NULL THEN struct_pack({', '.join(parts)}) END)"
    return None


def refuse_other_partitions(database: str, name: str, table: dict[str, Any], partition: dict[str, Any]) -> None:
    """A partition may have a schema of its own, but only one that the table's types can be made of."""
    columns = (table.get("StorageDescriptor") or {}).get("Columns", [])
    own = (partition.get("StorageDescriptor") or {}).get("Columns") or []
    known = {each["Name"].lower(): each.get("Type", "string") for each in own}
    for each in columns:
        have = known.get(each["Name"].lower())
        if have is not None and have.lower() != each.get("Type", "string").lower() and not _coerces(type_named(have), type_named(each.get("Type", "string"))):
            keys = [key["Name"] for key in table.get("PartitionKeys") or []]
            shown = "/".join(f"{key}={value}" for key, value in zip(keys, partition["Values"]))
            raise Refusal(
                "HIVE_PARTITION_SCHEMA_MISMATCH",
                "There is a mismatch between the table and partition schemas. The types are incompatible and cannot be coerced. "
                f"The column '{each['Name'].lower()}' in table '{database}.{name}' is declared as type '{each.get('Type')}', but partition '{shown}' declared column '{each['Name'].lower()}' as type '{have}'.",
            )


def _coerces(source: Type, target: Type) -> bool:
    if source.name in INTEGERS and target.name in INTEGERS:
        return INTEGERS.index(source.name) <= INTEGERS.index(target.name)
    if target.name == "varchar":
        return source.name in ("varchar", *INTEGERS, "date", "char", "boolean", "double", "real", "timestamp")
    if source.name == target.name and source.name in ("array", "map"):
        return all(a == b or _coerces(a, b) for a, b in zip(source.args, target.args))
    if source.name == target.name == "row":
        return True
    if source.name in INTEGERS and target.name == "double":
        return True
    return source == target or (source.name, target.name) in (("real", "double"), ("decimal", "decimal"), ("varchar", "varchar"), ("decimal", "double"))
