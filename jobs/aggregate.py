"""Gold: silver counted by day, hour and value class with all totals, its freshness and quality.

Small tables, made anew from silver whenever silver has changed. See README.md in this folder.
"""

from lake_adapter import run
from pyspark.sql import Window
from pyspark.sql import functions as F

SILVER = [
    ("value_class", "string"), ("fecha", "timestamp"), ("day", "date"), ("hour", "int"),
    ("loaded_at", "timestamp"), ("source", "string"), ("batch", "string"),
]
REJECTED = [("reason", "string"), ("loaded_at", "timestamp"), ("source", "string"), ("batch", "string")]
REASONS = ["null_key", "null_fecha", "future_fecha", "invalid_text", "duplicate"]
DIMENSIONS = ["day", "hour", "value_class"]
LEVELS = [
    "total", "day", "hour", "value_class", "day_hour", "day_value_class", "hour_value_class", "day_hour_value_class",
]

COLUMNS = {
    "cube": [
        ("day", "date"), ("hour", "int"), ("value_class", "string"), ("rows", "bigint"), ("share", "double"),
        ("hours", "bigint"), ("rows_per_hour", "double"), ("first_fecha", "timestamp"), ("last_fecha", "timestamp"),
    ],
    "freshness": [
        ("source", "string"), ("last_fecha", "timestamp"), ("last_loaded_at", "timestamp"), ("lag_seconds", "double"),
        ("rows", "bigint"), ("batches", "bigint"), ("last_batch", "string"),
    ],
    "quality": [
        ("source", "string"), ("batch", "string"), ("loaded_at", "timestamp"), ("read", "bigint"),
        ("accepted", "bigint"), *[(reason, "bigint") for reason in REASONS], ("accepted_share", "double"),
    ],
}


def main(lake):
    names = {"cube": f"{lake.table}_cube", "freshness": "freshness", "quality": "quality"}
    folders = {table: f"{lake.root}/gold/{name}" for table, name in names.items()}
    ledger = lake.ledger("gold")
    state, silver = ledger.last(), lake.ledger("silver").last()
    if silver and (state is None or state["silver"] != silver["sequence"]):
        if state:
            tidy(lake, ledger, state, folders)
        state = build(lake, ledger, state, silver, folders)
    if state is None:
        return {"rows": 0}
    for table, name in names.items():
        publish(lake, f"gold_{name}", COLUMNS[table], f"{folders[table]}/run={state['name']}", state, table)
    return {"rows": state["rows"]["cube"], **{f"{table}_rows": state["rows"][table] for table in ("freshness", "quality")}}


def build(lake, ledger, state, silver, folders):
    """Writes the three tables to folders of this run's own and records them."""
    sequence = (state["sequence"] if state else 0) + 1
    name = lake.run_name(sequence)

    def read(table, columns):
        paths = [part["location"] for part in silver[table]]
        return lake.read(columns, paths) if paths else lake.spark.createDataFrame([], ddl(columns))

    accepted, rejected = read("silver", SILVER), read("rejected", REJECTED)
    made = {"cube": cube(accepted), "freshness": freshness(accepted), "quality": quality(accepted, rejected)}
    rows = {}
    for table, frame in made.items():
        path = f"{folders[table]}/run={name}"
        columns = COLUMNS[table] + ([("level", "string")] if table == "cube" else [])
        chosen = frame.select(*[F.col(column).cast(kind).alias(column) for column, kind in columns]).coalesce(1)
        lake.write(chosen, path, "level" if table == "cube" else None)
        paths = [f"{path}/level={level}" for level in LEVELS] if table == "cube" else [path]
        present = [found for found in paths if lake.store.names(found)]
        rows[table] = lake.read(COLUMNS[table], present).count() if present else 0
    manifest = {
        "sequence": sequence,
        "name": name,
        "silver": silver["sequence"],
        "rows": rows,
        "retired": [f"{folder}/run={state['name']}" for folder in folders.values()] if state else [],
    }
    ledger.create(manifest)
    return manifest


def cube(accepted):
    """Counts, shares and rates of every combination of the dimensions; null is "all of them".

    `share` is of the rows of the same day and hour; `hours` are the clock hours in which the same
    day and hour had rows at all, and what `rows_per_hour` divides by.
    """
    slot = F.floor(F.unix_micros("fecha") / 3_600_000_000)
    counted = (
        accepted.withColumn("slot", slot.cast("bigint"))
        .groupBy(*DIMENSIONS, "slot")
        .agg(F.count("*").alias("n"), F.min("fecha").alias("first"), F.max("fecha").alias("last"))
    )
    cells = counted.cube(*DIMENSIONS).agg(
        F.sum("n").alias("rows"),
        F.countDistinct("slot").alias("slots"),
        F.min("first").alias("first_fecha"),
        F.max("last").alias("last_fecha"),
    )
    all_classes = F.col("value_class").isNull()
    same = Window.partitionBy("day", "hour")
    parts = [F.when(F.col(name).isNotNull(), name) for name in DIMENSIONS]
    level = F.concat_ws("_", *parts)
    return (
        cells.where("rows > 0")
        .withColumn("hours", F.max(F.when(all_classes, F.col("slots"))).over(same))
        .withColumn("share", F.col("rows") / F.max(F.when(all_classes, F.col("rows"))).over(same))
        .withColumn("rows_per_hour", F.col("rows") / F.col("hours"))
        .withColumn("level", F.when(level == "", "total").otherwise(level))
    )


def freshness(accepted):
    """A row a source: its newest row, when it was loaded, and how old it was by then."""
    newest = accepted.groupBy("source").agg(
        F.max("fecha").alias("last_fecha"),
        F.max("loaded_at").alias("last_loaded_at"),
        F.count("*").alias("rows"),
        F.countDistinct("batch").alias("batches"),
        F.max("batch").alias("last_batch"),
    )
    lag = (F.unix_micros("last_loaded_at") - F.unix_micros("last_fecha")) / 1_000_000
    return newest.withColumn("lag_seconds", lag)


def quality(accepted, rejected):
    """A row a batch: how many rows it brought, how many are valid, how many not and why."""
    of = ["source", "batch", "loaded_at"]
    verdicts = accepted.select(*of, F.lit("accepted").alias("reason")).unionByName(rejected.select(*of, "reason"))
    counts = [
        F.sum(F.when(F.col("reason") == reason, 1).otherwise(0)).alias(reason) for reason in ["accepted", *REASONS]
    ]
    counted = verdicts.groupBy(*of).agg(F.count("*").alias("read"), *counts)
    return counted.withColumn("accepted_share", F.col("accepted") / F.col("read"))


def ddl(columns):
    return ", ".join(f"`{name}` {kind}" for name, kind in columns)


def tidy(lake, ledger, state, folders):
    """Removes what killed runs left, and what the last run replaced."""
    for folder in folders.values():
        ledger.tidy(folder, "run", state)
    for location in state["retired"]:
        lake.store.remove(location)


def publish(lake, table, columns, location, state, kind):
    if lake.catalog.published(table) == state["sequence"]:
        return
    about = {"rows": state["rows"][kind]}
    if kind == "cube":
        parts = {level: f"{location}/level={level}" for level in LEVELS} if state["rows"][kind] else {}
        folder = location.rsplit("/", 1)[0]
        lake.catalog.publish(
            table, columns, folder, parts, key="level", sequence=state["sequence"], replace=True, about=about
        )
    else:
        lake.catalog.publish(table, columns, location, sequence=state["sequence"], about=about)


if __name__ == "__main__":
    run("aggregate", main)
