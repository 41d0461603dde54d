"""Bronze: copies the rows of a PostgreSQL table that no earlier batch has, as they are.

See README.md in this folder for the arguments, the layout and why nothing is lost or doubled.
"""

import time

from lake_adapter import JobFailed, run
from pyspark.sql import functions as F

WRITER_WAIT = 10  # seconds to wait for transactions that were writing when the run began

# How a PostgreSQL type travels: the catalog's type and the SQL that gives it. Time stamps go as
# microseconds, so no driver, JVM or session time zone touches them; infinity and years that
# Spark cannot hold become the nearest it can. What is not listed goes as text.
FIRST, LAST = "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"
MICROS = (
    "(extract(epoch from least(greatest({0}::timestamp, timestamp '" + FIRST + "'), timestamp '" + LAST + "'))"
    " * 1000000)::bigint"
)
TYPES = {
    "int2": ("bigint", "{0}::bigint"),
    "int4": ("bigint", "{0}::bigint"),
    "int8": ("bigint", "{0}"),
    "float4": ("double", "{0}::float8"),
    "float8": ("double", "{0}"),
    "bool": ("boolean", "{0}"),
    "timestamp": ("timestamp", "CASE WHEN {0} IS NOT NULL THEN " + MICROS + " END"),
    "timestamptz": ("timestamp", "CASE WHEN {0} IS NOT NULL THEN " + MICROS.replace("{0}", "({0} AT TIME ZONE 'UTC')") + " END"),
    "date": ("timestamp", "CASE WHEN {0} IS NOT NULL THEN " + MICROS + " END"),
}
TEXT = ("string", "{0}::text")


def main(lake):
    source = lake.source()
    relation = ".".join(quoted(part) for part in lake.args["source_table"].split("."))
    key = lake.args["bookmark_key"]
    columns = source_columns(source, relation, key)

    ledger = lake.ledger("bronze")
    last = ledger.last()
    folder = f"{lake.root}/bronze/{lake.table}"
    if last:
        ledger.tidy(folder, "batch", last)

    low = last["high"] if last else None
    first, high = bounds(source, relation, key, low)
    if first is None or high < first:
        publish(lake, ledger, folder, columns)
        return {"batch": None, "rows": 0, "high": low}

    sequence = (last["sequence"] if last else 0) + 1
    batch = lake.run_name(sequence)
    path = f"{folder}/batch={batch}"
    loaded_at = lake.now()  # after the bound: no row of this batch is younger
    origin = f"{lake.args['source_connection']}/{source.database}/{lake.args['source_table']}"

    lake.write(rows(source, relation, key, columns, first, high, loaded_at, origin), path)
    written = lake.read(file_columns(columns), [path]).agg(F.count("*").alias("n")).collect()[0]["n"]
    manifest = {
        "sequence": sequence,
        "name": batch,
        "location": path,
        "source": origin,
        "loaded_at": loaded_at.isoformat(),
        "bookmark_key": key,
        "first": first,
        "high": high,
        "rows": written,
        "columns": columns,
    }
    ledger.create(manifest)
    publish(lake, ledger, folder, columns)
    return {"batch": batch, "rows": written, "first": first, "high": high}


def source_columns(source, relation, key):
    """[[name, PostgreSQL type], …] of the table, in its order."""
    found = source.query(
        "SELECT a.attnum::int AS position, a.attname::text AS name, t.typname::text AS kind"
        " FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
        f" WHERE a.attrelid = to_regclass({literal(relation)}) AND a.attnum > 0 AND NOT a.attisdropped"
    )
    columns = [[row["name"], row["kind"]] for row in sorted(found, key=lambda row: row["position"])]
    if not columns:
        raise JobFailed(f"The table {relation} does not exist in the database {source.database}, or may not be read.")
    kind = dict(columns).get(key)
    if kind not in ("int2", "int4", "int8"):
        what = f"is of type {kind}" if kind else "is not a column"
        raise JobFailed(f"The bookmark key {key} {what}: it must be an integer column that only grows, such as id.")
    return columns


def bounds(source, relation, key, low):
    """The lowest key above `low`, and the highest that passes no row that is yet to be committed.

    Serial keys are drawn before their rows are committed, so a lower key may appear after a higher
    one. A session holds a write lock on the table from before it draws a key until its transaction
    ends. So, in this order: take the highest key; see who is writing; once all of those have ended,
    no key up to the highest can appear any more. While one of them goes on (or locks cannot be
    seen, on a replica), stop before the first gap, for the missing key may be its.
    """
    column = quoted(key)
    above = f" WHERE {column} > {low}" if low is not None else ""
    found = source.query(
        f"SELECT (SELECT min({column})::bigint FROM {relation}{above}) AS first,"
        f" (SELECT max({column})::bigint FROM {relation}{above}) AS high,"
        f" EXISTS (SELECT 1 FROM {relation} WHERE {column} IS NULL) AS has_null,"
        " pg_is_in_recovery() AS replica"
    )[0]
    if found["has_null"]:
        raise JobFailed(
            f"The bookmark key {key} of {relation} has nulls: those rows would never be read."
            " Use a key without nulls, such as the primary key id."
        )
    first, high = found["first"], found["high"]
    if high is None or (not found["replica"] and not still_writing(source, relation)):
        return first, high
    start = 0 if low is None else low
    edge = source.query(
        f"SELECT min(before)::bigint AS edge FROM (SELECT {column} AS k, lag({column}, 1, {start}::bigint)"
        f" OVER (ORDER BY {column}) AS before FROM {relation} WHERE {column} > {start} AND {column} <= {high}) AS g"
        " WHERE k - before > 1"
    )[0]["edge"]
    return first, high if edge is None else edge


def still_writing(source, relation):
    """Whether a transaction that writes to the table now is still open after a short wait."""
    sql = (
        "SELECT DISTINCT virtualtransaction::text AS id FROM pg_locks"
        f" WHERE locktype = 'relation' AND granted AND relation = to_regclass({literal(relation)})"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"
    )

    def writers():
        return {row["id"] for row in source.query(sql)}

    waiting, until = writers(), time.monotonic() + WRITER_WAIT
    while waiting and time.monotonic() < until:
        time.sleep(0.25)
        waiting &= writers()
    return bool(waiting)


def rows(source, relation, key, columns, first, high, loaded_at, origin):
    """The batch: the table's columns in the catalog's types, and where and when it was read."""
    selected = ", ".join(f"{TYPES.get(kind, TEXT)[1].format(quoted(name))} AS {quoted(name)}" for name, kind in columns)
    frame = source.rows(
        f"SELECT {selected} FROM {relation} WHERE {quoted(key)} BETWEEN {first} AND {high}", key, first, high
    )
    typed = []
    for name, kind in columns:
        column = F.col(f"`{name}`")
        wanted = TYPES.get(kind, TEXT)[0]
        typed.append((F.timestamp_micros(column) if wanted == "timestamp" else column.cast(wanted)).alias(name))
    micros = round(loaded_at.timestamp() * 1_000_000)
    return frame.select(
        *typed,
        F.timestamp_micros(F.lit(micros).cast("bigint")).alias("loaded_at"),
        F.lit(origin).alias("source"),
    )


def file_columns(columns):
    return [(name, TYPES.get(kind, TEXT)[0]) for name, kind in columns] + [
        ("loaded_at", "timestamp"),
        ("source", "string"),
    ]


def publish(lake, ledger, folder, columns):
    """Shows the catalog every committed batch that it does not show yet."""
    table = f"bronze_{lake.table}"
    newest = ledger.sequence()
    shown = lake.catalog.published(table)
    emptied = shown > newest  # the bucket was emptied, the catalog was not
    pending = [ledger.get(number) for number in range(1 if emptied else shown + 1, newest + 1)]
    if pending:
        last = pending[-1]
        lake.catalog.publish(
            table,
            file_columns(columns),
            folder,
            {manifest["name"]: manifest["location"] for manifest in pending},
            key="batch",
            sequence=newest,
            replace=emptied,
            about={"batch": last["name"], "loaded_at": last["loaded_at"], "rows": last["rows"], "source": last["source"]},
        )


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"


if __name__ == "__main__":
    run("ingest", main, required=["source_connection"], optional=["now"])
