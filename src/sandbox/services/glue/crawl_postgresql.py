"""The tables of a PostgreSQL database, from its own catalog."""

from __future__ import annotations

import re
from typing import Any

from sandbox.services.glue.crawl_target import CrawlError, catalog_name, is_excluded

CONNECT_SECONDS = 10

COLUMNS_QUERY = """
SELECT c.table_schema, c.table_name, t.table_type, c.column_name, c.data_type, c.udt_name, c.numeric_precision, c.numeric_scale
  FROM information_schema.columns c
  JOIN information_schema.tables t USING (table_schema, table_name)
 WHERE c.table_schema NOT IN ('information_schema', 'pg_catalog') AND c.table_schema NOT LIKE 'pg_toast%'
 ORDER BY c.table_schema, c.table_name, c.ordinal_position
"""

CATALOG_TYPES = {
    "smallint": "smallint",
    "integer": "int",
    "bigint": "bigint",
    "real": "float",
    "double precision": "double",
    "money": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamp",
    "bytea": "binary",
}

ARRAY_ELEMENT_TYPES = {"_int2": "smallint", "_int4": "int", "_int8": "bigint", "_float4": "float", "_float8": "double", "_bool": "boolean", "_date": "date", "_timestamp": "timestamp", "_timestamptz": "timestamp"}


def postgres_type(kind: str, element: str, precision: int | None, scale: int | None) -> str:
    if kind == "numeric":
        # PostgreSQL's numeric has any number of digits when no precision is given; the catalog's decimal at most 38.
        return f"decimal({min(precision, 38)},{min(scale or 0, 38)})" if precision else "decimal(38,18)"
    if kind == "ARRAY":
        return f"array<{ARRAY_ELEMENT_TYPES.get(element, 'string')}>"
    return CATALOG_TYPES.get(kind, "string")


def postgresql(host: str, port: int, address: str, user: str, password: str, database: str, path: str, exclusions: list[str]) -> list[dict[str, Any]]:
    from pg8000 import dbapi
    from pg8000.exceptions import DatabaseError, InterfaceError

    try:
        connection = dbapi.connect(user, host=host, port=port, database=database, password=password, timeout=CONNECT_SECONDS)
    except DatabaseError as error:
        details = error.args[0] if error.args and isinstance(error.args[0], dict) else {"S": "FATAL", "M": str(error)}
        raise CrawlError(f"{details.get('S')}: {details.get('M')}") from None
    except (InterfaceError, OSError):
        raise CrawlError(f"The connection attempt failed: {address} does not answer.") from None
    try:
        cursor = connection.cursor()
        cursor.execute(COLUMNS_QUERY)
        rows = cursor.fetchall()
    finally:
        connection.close()
    include_path = re.compile(".*".join(re.escape(part) for part in path.rstrip("/").split("%")) + ("" if path.endswith("%") else "(/.*)?"))
    base = path[: path.find("%")].rpartition("/")[0] + "/" if "%" in path else path.rstrip("/") + "/"
    tables: dict[tuple[str, str], dict[str, Any]] = {}
    for schema, table, kind, column, data_type, udt, precision, scale in rows:
        full = f"{database}/{schema}/{table}"
        if not include_path.fullmatch(full) or is_excluded(full.removeprefix(base), exclusions):
            continue
        found = tables.setdefault(
            (schema, table),
            {
                "name": catalog_name(f"{database}_{schema}_{table}"),
                "location": f"{database}.{schema}.{table}",
                "columns": [],
                "parameters": {"classification": "postgresql", "compressionType": "none", "typeOfData": "view" if kind == "VIEW" else "table"},
                "storage": {"InputFormat": "", "OutputFormat": "", "SerdeInfo": {"Parameters": {}}},
            },
        )
        found["columns"].append({"Name": column.lower(), "Type": postgres_type(data_type, udt, precision, scale)})
    return list(tables.values())
