"""Silver: the rows of bronze typed, each key once, what is not valid set aside with the reason.

Reads only the batches that came since the last run, and of silver only what those must be
compared with. See README.md in this folder.
"""

from functools import reduce

from lake_adapter import JobFailed, run
from pyspark.sql import Window
from pyspark.sql import functions as F

BATCHES_PER_ROUND = 50
ROWS_PER_ROUND = 2_000_000
PARTS = 50  # with this many, the small ones are merged: many small files are slow to read
SMALL = 200_000  # rows
CLOCK_SKEW = 60_000_000  # microseconds that `fecha` may lie after its row was loaded
LONGEST = 1000  # characters of `valor`
UNPRINTABLE = "[\\x01-\\x1f\\x7f\ufffd]"  # control characters, and what decoding left behind

BRONZE = [("valor", "string"), ("fecha", "timestamp"), ("loaded_at", "timestamp"), ("source", "string")]
LINEAGE = [("loaded_at", "timestamp"), ("source", "string"), ("batch", "string")]


def main(lake):
    key = lake.args.get("key") or lake.args["bookmark_key"]
    columns = {
        "silver": [
            (key, "bigint"), ("valor", "string"), ("value_class", "string"), ("fecha", "timestamp"),
            ("day", "date"), ("hour", "int"), *LINEAGE,
        ],
        "rejected": [(key, "bigint"), ("valor", "string"), ("fecha", "timestamp"), ("reason", "string"), *LINEAGE],
    }
    folders = {name: f"{lake.root}/silver/{table}" for name, table in tables(lake).items()}
    bronze, ledger = lake.ledger("bronze"), lake.ledger("silver")
    newest = bronze.sequence()
    state = ledger.last() or {"sequence": 0, "refined": 0, "silver": [], "rejected": [], "retired": []}
    totals = {"batches": 0, "read": 0, "accepted": 0, "rejected": 0}
    while True:
        publish(lake, state, columns, folders)  # first, so that nothing shown is removed
        tidy(lake, ledger, state, folders)
        if state["refined"] >= newest:
            return {**totals, "rows": sum(part["rows"] for part in state["silver"])}
        state = refine_round(lake, ledger, state, next_batches(bronze, state, newest), columns, folders, key)
        totals = {name: value + state["round"][name] for name, value in totals.items()}


def tables(lake):
    return {"silver": lake.table, "rejected": f"{lake.table}_rejected"}


def next_batches(bronze, state, newest):
    """The manifests of the next batches, as many as one round takes."""
    first = state["refined"] + 1
    batches, rows = [], 0
    for number in range(first, min(newest, first + BATCHES_PER_ROUND - 1) + 1):
        batch = bronze.get(number)
        if batches and rows + batch["rows"] > ROWS_PER_ROUND:
            break
        batches.append(batch)
        rows += batch["rows"]
    return batches


def refine_round(lake, ledger, state, batches, columns, folders, key):
    """Refines some batches into one new part of silver and one of what is rejected."""
    sequence = state["sequence"] + 1
    name = lake.run_name(sequence)
    frames = [bronze_rows(lake, batch, key) for batch in batches]
    judged = judge(reduce(lambda one, other: one.unionByName(other), frames), key)
    valid, invalid = judged.where("reason IS NULL"), judged.where("reason IS NOT NULL")
    # One look at the new rows tells all that is decided about them: each look judges them anew.
    good = F.col("reason").isNull()
    new = judged.agg(
        F.count("*").alias("all"),
        F.count(F.when(good, 1)).alias("rows"),
        F.countDistinct(F.when(good, F.col(key))).alias("keys"),
        F.min(F.when(good, F.col(key))).alias("low"),
        F.max(F.when(good, F.col(key))).alias("high"),
    ).collect()[0]
    merged = {
        "silver": merged_parts(state["silver"], new["low"], new["high"]),
        "rejected": state["rejected"] if len(state["rejected"]) >= PARTS else [],
    }

    def with_merged(table, frame):
        """The frame in the table's columns, and the rows of the parts that the new one replaces."""
        frame = frame.select(*[column for column, _ in columns[table]])
        paths = [part["location"] for part in merged[table]]
        return frame.unionByName(lake.read(columns[table], paths)) if paths else frame

    def write(table, frame):
        location = f"{folders[table]}/part={name}"
        lake.write(frame, location)
        facts = [F.count("*").alias("rows"), F.min(key).alias("low"), F.max(key).alias("high")]
        found = lake.read(columns[table], [location]).agg(*facts).collect()[0]
        if not found["rows"]:
            lake.store.remove(location)
        return {"name": name, "location": location, **found.asDict()}

    accepted, rejected = with_merged("silver", valid), with_merged("rejected", invalid)
    count = new
    if merged["silver"]:
        count = accepted.agg(F.count("*").alias("rows"), F.countDistinct(key).alias("keys")).collect()[0]
    doubled = count["keys"] < count["rows"]
    if doubled:  # rare, so ranking is not for every run
        accepted, superseded = ranked(accepted, key)
        rejected = rejected.unionByName(superseded.select(*rejected.columns))
    silver, bad = write("silver", accepted), {"rows": 0}
    if doubled or merged["rejected"] or new["rows"] < new["all"]:
        bad = write("rejected", rejected)

    read = sum(batch["rows"] for batch in batches)
    expected = read + sum(part["rows"] for part in merged["silver"] + merged["rejected"])
    if silver["rows"] + bad["rows"] != expected:
        raise JobFailed(f"{expected} rows went in, {silver['rows'] + bad['rows']} came out: nothing was published.")

    def live(table, part):
        return [kept for kept in state[table] if kept not in merged[table]] + ([part] if part["rows"] else [])

    rejected_before = sum(part["rows"] for part in merged["rejected"])
    manifest = {
        "sequence": sequence,
        "name": name,
        "refined": batches[-1]["sequence"],
        "silver": live("silver", silver),
        "rejected": live("rejected", bad),
        "retired": [part["location"] for part in merged["silver"] + merged["rejected"]],
        "round": {
            "batches": len(batches),
            "read": read,
            "accepted": read - (bad["rows"] - rejected_before),
            "rejected": bad["rows"] - rejected_before,
        },
    }
    ledger.create(manifest)
    return manifest


def merged_parts(parts, low, high):
    """The parts of silver that may share keys with the new rows, and those too small to keep."""
    touched = [part for part in parts if low is not None and part["low"] <= high and part["high"] >= low]
    if len(parts) < PARTS:
        return touched
    return [part for part in parts if part in touched or part["rows"] < SMALL]


def bronze_rows(lake, batch, key):
    frame = lake.read([(key, "bigint"), *BRONZE], [batch["location"]])
    return frame.withColumn("batch", F.lit(batch["name"]))


def judge(frame, key):
    """Adds the columns of silver and `reason`, null for a row that is valid."""
    text = F.col("valor")
    first = F.substring(text, 1, 1)
    reason = (
        F.when(F.col(key).isNull(), "null_key")
        .when(F.col("fecha").isNull(), "null_fecha")
        .when(F.unix_micros("fecha") > F.unix_micros("loaded_at") + CLOCK_SKEW, "future_fecha")
        .when(text.isNull() | (F.trim(text) == "") | (F.length(text) > LONGEST) | text.rlike(UNPRINTABLE), "invalid_text")
    )
    value_class = F.when(first.rlike("^[A-Za-z]"), F.upper(first)).when(first.rlike("^[0-9]"), "0-9").otherwise("other")
    return (
        frame.withColumn("reason", reason)
        .withColumn("value_class", value_class)
        .withColumn("day", F.to_date("fecha"))
        .withColumn("hour", F.hour("fecha").cast("int"))
    )


def ranked(frame, key):
    """The frame with the latest row of each key, and the rows that those supersede.

    The latest is the last batch's, then the youngest; the other columns only make the choice the
    same everywhere. Only the keys in question are sorted.
    """
    several = frame.groupBy(key).agg(F.count("*").alias("n")).where("n > 1").select(key)
    first = ["batch", "fecha", "valor"]
    order = [F.col(name).desc() for name in first + [name for name in frame.columns if name not in (key, *first)]]
    places = frame.join(several, key, "left_semi").withColumn(
        "place", F.row_number().over(Window.partitionBy(key).orderBy(*order))
    )
    single = frame.join(several, key, "left_anti").select(*frame.columns)
    latest = places.where("place = 1").select(*frame.columns)
    return single.unionByName(latest), places.where("place > 1").withColumn("reason", F.lit("duplicate"))


def tidy(lake, ledger, state, folders):
    """Removes what killed runs left, and the parts that the last round merged into its own."""
    if state["sequence"]:
        for folder in folders.values():
            ledger.tidy(folder, "part", state)
        for location in state["retired"]:
            lake.store.remove(location)


def publish(lake, state, columns, folders):
    for name, table in tables(lake).items():
        if state["sequence"] and lake.catalog.published(f"silver_{table}") != state["sequence"]:
            lake.catalog.publish(
                f"silver_{table}",
                columns[name],
                folders[name],
                {part["name"]: part["location"] for part in state[name]},
                key="part",
                sequence=state["sequence"],
                replace=True,
                about={"rows": sum(part["rows"] for part in state[name])},
            )


if __name__ == "__main__":
    run("refine", main, optional=["key"])
