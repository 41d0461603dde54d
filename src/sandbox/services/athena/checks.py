"""What Athena refuses in a query and the engine does not, or not in Athena's words: names of functions that Trino does not
have, and types that do not go together.

Only what surely is wrong is refused: where a type is not known, nothing is said, and the engine has its say.
"""

from __future__ import annotations

import datetime
import re
from typing import Any, Callable, Iterator, Sequence

import sqlglot
from sqlglot import exp

from sandbox.kernel.engine import Refusal

#: Trino's functions, also those that the engine does not have. Whoever calls another one has learned another SQL.
FUNCTIONS = frozenset("""
abs acos all_match any any_match any_value approx_distinct approx_most_frequent approx_percentile approx_set arbitrary array_agg
array_distinct array_except array_first array_histogram array_intersect array_join array_last array_max array_min array_position
array_remove array_sort array_union arrays_overlap asin at_timezone atan atan2 avg bar beta_cdf bit_count bitwise_and bitwise_and_agg
bitwise_left_shift bitwise_not bitwise_or bitwise_or_agg bitwise_right_shift bitwise_right_shift_arithmetic bitwise_xor bool_and
bool_or cardinality cast cbrt ceil ceiling char2hexint checksum chr classify coalesce codepoint color combinations concat concat_ws
contains contains_sequence convex_hull_agg corr cos cosh cosine_distance cosine_similarity count count_if covar_pop covar_samp crc32
cume_dist current_catalog current_date current_groups current_path current_schema current_time current_timestamp current_timezone
current_user date date_add date_diff date_format date_parse date_trunc day day_of_month day_of_week day_of_year degrees dense_rank
dow doy e element_at empty_approx_set ends_with every exists exp extract features filter first_value flatten floor format
format_datetime format_number from_base from_base32 from_base64 from_base64url from_big_endian_32 from_big_endian_64
from_encoded_polyline from_geojson_geometry from_hex from_ieee754_32 from_ieee754_64 from_iso8601_date from_iso8601_timestamp
from_iso8601_timestamp_nanos from_unixtime from_unixtime_nanos from_utf8 geometric_mean great_circle_distance greatest grouping
hamming_distance hash_counts histogram hmac_md5 hmac_sha1 hmac_sha256 hmac_sha512 hour human_readable_seconds if index infinity
intersection_cardinality inverse_beta_cdf inverse_normal_cdf is_finite is_infinite is_json_scalar is_nan jaccard_index json_array
json_array_contains json_array_get json_array_length json_exists json_extract json_extract_scalar json_format json_object json_parse
json_query json_size json_value kurtosis lag last_day_of_month last_value lead learn_classifier learn_libsvm_classifier
learn_libsvm_regressor learn_regressor least length levenshtein_distance line_interpolate_point line_interpolate_points
line_locate_point listagg ln localtime localtimestamp log log10 log2 lower lpad ltrim luhn_check make_set_digest map map_agg
map_concat map_entries map_filter map_from_entries map_keys map_union map_values map_zip_with max max_by md5 merge merge_set_digest
millisecond min min_by minute mod month multimap_agg multimap_from_entries murmur3 nan ngrams none_match normal_cdf normalize now
nth_value ntile nullif numeric_histogram objectid objectid_timestamp parse_data_size parse_datetime parse_duration
parse_presto_data_size percent_rank pi position pow power qdigest_agg quarter radians rand random rank reduce reduce_agg regexp_count
regexp_extract regexp_extract_all regexp_like regexp_position regexp_replace regexp_split regr_intercept regr_slope regress render
repeat replace reverse rgb round row row_number rpad rtrim second sequence sha1 sha256 sha512 shuffle sign simplify_geometry sin sinh
skewness slice soundex spatial_partitioning spatial_partitions split split_part split_to_map split_to_multimap spooky_hash_v2_32
spooky_hash_v2_64 sqrt starts_with stddev stddev_pop stddev_samp strpos substr substring sum tan tanh tdigest_agg timestamp_objectid
timezone timezone_hour timezone_minute to_base to_base32 to_base64 to_base64url to_big_endian_32 to_big_endian_64 to_char to_date
to_encoded_polyline to_geojson_geometry to_geometry to_hex to_ieee754_32 to_ieee754_64 to_iso8601 to_milliseconds
to_spherical_geography to_timestamp to_unixtime to_utf8 transform transform_keys transform_values translate trim trim_array truncate
try try_cast typeof upper url_decode url_encode url_extract_fragment url_extract_host url_extract_parameter url_extract_path
url_extract_port url_extract_protocol url_extract_query uuid value_at_quantile values_at_quantiles var_pop var_samp variance version
week week_of_year width_bucket wilson_interval_lower wilson_interval_upper with_timezone word_stem xxhash64 year year_of_week yow zip
zip_with
""".split())  # fmt: skip
_OF_GEOMETRY = ("st_", "bing_tile", "geometry_")


def place(sql: str, offset: int) -> str:
    """`line 1:8`, as Trino says where something stands."""
    before = sql[:offset]
    return f"line {before.count(chr(10)) + 1}:{offset - (before.rfind(chr(10)) + 1) + 1}"


def refuse_unknown_functions(tree: exp.Expression, sql: str) -> None:
    """A function that Trino does not have, whether or not the engine has it."""
    for node in tree.find_all(exp.Func):
        start, end = node.meta.get("start"), node.meta.get("end")
        name = sql[start : end + 1] if start is not None and end is not None else ""
        if re.fullmatch(r"\w+", name) and sql[end + 1 :].lstrip().startswith("(") and name.lower() not in FUNCTIONS and not name.lower().startswith(_OF_GEOMETRY):
            raise Refusal("FUNCTION_NOT_FOUND", f"{place(sql, start)}: Function '{name.lower()}' not registered")


def refuse_shapes(tree: exp.Expression, sql: str) -> None:
    """What no type is needed for."""
    for node in tree.walk():
        if isinstance(node, exp.Select):
            star = next((each for each in node.expressions if isinstance(each, exp.Star)), None)
            if star and not node.args.get("from_"):
                _refuse("COLUMN_NOT_FOUND", sql, star, "SELECT * not allowed in queries without FROM clause")
        if isinstance(node, (exp.Group, exp.Order)) and isinstance(query := node.parent, exp.Query) and not query.is_star:
            for each in (part.this if isinstance(part, exp.Ordered) else part for part in node.expressions):
                if isinstance(each, exp.Literal) and each.is_int and not 1 <= int(each.name) <= len(query.selects):
                    _refuse("INVALID_COLUMN_REFERENCE", sql, each, f"{node.key.upper()} BY position {each.name} is not in select list")
        if isinstance(node, exp.AggFunc) and not isinstance(node, _WINDOWS):
            inner = [each for each in node.find_all(exp.AggFunc) if each is not node and each.find_ancestor(exp.Query) is node.find_ancestor(exp.Query)]
            if inner and not isinstance(node.parent, exp.Window):
                _refuse("NESTED_AGGREGATION", sql, node, f"Cannot nest aggregations inside aggregation '{_name_of(node, sql)}': [{', '.join(map(_written, inner))}]")
        if isinstance(node, _WINDOWS) and not isinstance(node.parent, (exp.Window, exp.IgnoreNulls, exp.RespectNulls)):
            _refuse("MISSING_OVER", sql, node, f"Window function {_name_of(node, sql)} requires an OVER clause")
        if isinstance(node, exp.Table) and node.args.get("version"):
            _refuse("NOT_SUPPORTED", sql, node, "This connector does not support versioned tables")
    tokens = sqlglot.tokenize(sql, read="athena")
    for before, after in zip(tokens, tokens[1:]):
        kind = before.text.upper()
        if kind in _LITERALS and after.token_type == sqlglot.TokenType.STRING and not _is_literal(kind, after.text):
            raise Refusal("INVALID_LITERAL", f"{place(sql, before.start)}: '{after.text}' is not a valid {kind} literal")


def refuse_other_types(table: list[str], query: list[str]) -> None:
    """What is inserted must go into the columns that it is for. Both are types of the catalog."""
    wanted, given = ([_named(exp.DataType.build(kind, dialect="hive")) or kind for kind in kinds] for kinds in (table, query))
    if len(wanted) != len(given) or not all(map(_goes, wanted, given)):
        raise Refusal("TYPE_MISMATCH", f"Insert query has mismatched column types: Table: [{', '.join(wanted)}], Query: [{', '.join(given)}]")


_WINDOWS = (exp.CumeDist, exp.DenseRank, exp.FirstValue, exp.Lag, exp.LastValue, exp.Lead, exp.NthValue, exp.Ntile, exp.PercentRank, exp.Rank, exp.RowNumber)
_DAY = r"(\d{4,})-(\d{1,2})-(\d{1,2})"
#: What may stand after DATE and TIMESTAMP. A `T` between day and time is none of Trino's.
_LITERALS = {"DATE": re.compile(_DAY), "TIMESTAMP": re.compile(rf"{_DAY}(?: \d{{1,2}}:\d{{1,2}}(?::\d{{1,2}}(?:\.\d+)?)?)?(?: [A-Za-z].*| ?[+-]\d.*)?")}


def _is_literal(kind: str, text: str) -> bool:
    found = _LITERALS[kind].fullmatch(text.strip())
    try:
        return bool(found and datetime.date(*(int(each) for each in found.groups())))
    except ValueError:
        return False


def _refuse(code: str, sql: str, node: exp.Expression, what: str) -> None:
    starts = [each.meta["start"] for each in node.walk() if "start" in each.meta]
    raise Refusal(code, f"{place(sql, min(starts, default=0))}: {what}")


def _name_of(node: exp.Expression, sql: str) -> str:
    start, end = node.meta.get("start"), node.meta.get("end")
    return sql[start : end + 1].lower() if start is not None and end is not None else node.key


def refuse_mismatches(tree: exp.Expression, sql: str) -> None:
    """Types that do not go together. The tree has its columns' types already."""
    types = _Types(sql)
    # Of what is unnested beside something else sqlglot takes all columns to be of the first one's type.
    if not any(len(each.expressions) > 1 for each in tree.find_all(exp.Unnest)):
        types.check(tree)
    types.align(tree)


# --- Types in Trino's words ----------------------------------------------------------------------------------------------

_NAMES = {
    "BOOLEAN": "boolean", "TINYINT": "tinyint", "SMALLINT": "smallint", "INT": "integer", "BIGINT": "bigint", "FLOAT": "real", "DOUBLE": "double",
    "DECIMAL": "decimal", "DATE": "date", "TIME": "time(3)", "TIMESTAMP": "timestamp(3)", "TIMESTAMPNTZ": "timestamp(3)", "DATETIME": "timestamp(3)",
    "TIMESTAMPTZ": "timestamp(3) with time zone", "TIMESTAMPLTZ": "timestamp(3) with time zone", "VARCHAR": "varchar", "TEXT": "varchar", "CHAR": "varchar",
    "BINARY": "varbinary", "VARBINARY": "varbinary", "JSON": "json",
}  # fmt: skip
_NUMBERS = ("tinyint", "smallint", "integer", "bigint", "decimal", "real", "double")
_TIMES = ("date", "timestamp(3)", "timestamp(3) with time zone")
_DAYS, _MONTHS = "interval day to second", "interval year to month"
#: The type of NULL, which goes with all others.
UNKNOWN = "unknown"


def _named(kind: exp.DataType | None) -> str | None:
    if kind is None or not isinstance(kind.this, exp.DataType.Type):
        return None
    word = kind.this.value
    within = [_named(each.kind if isinstance(each, exp.ColumnDef) else each) for each in kind.expressions if isinstance(each, (exp.DataType, exp.ColumnDef))]
    if word in ("ARRAY", "MAP", "STRUCT", "OBJECT"):
        if not within or None in within:
            return {"ARRAY": "array", "MAP": "map"}.get(word, "row")
        fields = [f"{each.name} {name}" if isinstance(each, exp.ColumnDef) else name for each, name in zip(kind.expressions, within)]
        return f"{ {'ARRAY': 'array', 'MAP': 'map'}.get(word, 'row')}({', '.join(str(each) for each in fields)})"
    name = _NAMES.get(word)
    if name == "decimal":
        return f"decimal({','.join(each.name for each in kind.expressions)})" if len(kind.expressions) == 2 else None
    return f"varchar({kind.expressions[0].name})" if name == "varchar" and kind.expressions else name


def _family(kind: str) -> str:
    """What goes together: numbers with numbers, times with times."""
    word = kind.split("(")[0]
    return "number" if word in _NUMBERS else "time" if word in ("date", "timestamp") else word


def _digits(kind: str) -> tuple[int, int] | None:
    """How many digits a number has before and after the point."""
    found = re.fullmatch(r"decimal\((\d+),(\d+)\)", kind)
    whole = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
    return (int(found[1]) - int(found[2]), int(found[2])) if found else (whole[kind], 0) if kind in whole else None


def common(one: str | None, other: str | None) -> str | None:
    """The type that both can be taken for; nothing when there is none."""
    if one is None or other is None or one == other:
        return one if other == one else None
    if UNKNOWN in (one, other):
        return other if one == UNKNOWN else one
    family = _family(one)
    if family != _family(other):
        return None
    if family == "number":
        first, second = (_NUMBERS.index(each.split("(")[0]) for each in (one, other))
        if "decimal" in (one[:7], other[:7]) and (digits := [_digits(one), _digits(other)]) and None not in digits:
            scale = max(each[1] for each in digits if each)
            return f"decimal({min(38, max(each[0] for each in digits if each) + scale)},{scale})"
        return one if first >= second else other
    if family == "time":
        return max(one, other, key=_TIMES.index) if one in _TIMES and other in _TIMES else one
    if family == "varchar":
        return max(one, other, key=lambda each: int(each[8:-1])) if "(" in one and "(" in other else "varchar"
    return one


def _goes(one: str | None, other: str | None) -> bool:
    return one is None or other is None or UNKNOWN in (one, other) or _family(one) == _family(other)


def _castable(one: str, other: str) -> bool:
    """Whether a value of the one can be cast to the other, at least sometimes."""
    first, second = _family(one), _family(other)
    both, counts, times, nested = {first, second}, {"number", "boolean"}, {"time"}, {"array", "map", "row"}
    if first == second or both & {UNKNOWN, "json"}:
        return True
    bytes_of_else = "varbinary" in both and (first == "varbinary" or bool(both & (counts | times)))
    return not (both & counts and both & times or both & nested or bytes_of_else)


#: What a function gives, whatever it is given.
_GIVES: dict[type[exp.Expression], str] = {
    **{kind: "bigint" for kind in (exp.ApproxDistinct, exp.ArraySize, exp.Count, exp.CountIf, exp.DateDiff, exp.Day, exp.DayOfWeekIso, exp.DayOfYear, exp.DenseRank, exp.Extract, exp.Hour, exp.Length, exp.Levenshtein, exp.Minute, exp.Month, exp.Ntile, exp.Quarter, exp.Rank, exp.RowNumber, exp.Second, exp.StrPosition, exp.WeekOfYear, exp.Year)},
    **{kind: "double" for kind in (exp.Cbrt, exp.Exp, exp.Ln, exp.Log, exp.Pow, exp.Sqrt, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.TimeToUnix, exp.Variance, exp.VariancePop)},
    **{kind: "varchar" for kind in (exp.Chr, exp.Concat, exp.ConcatWs, exp.GroupConcat, exp.JSONExtractScalar, exp.Lower, exp.Pad, exp.RegexpExtract, exp.RegexpReplace, exp.Replace, exp.Reverse, exp.SplitPart, exp.Substring, exp.TimeToStr, exp.Trim, exp.Upper)},
    **{kind: "boolean" for kind in (exp.Between, exp.Boolean, exp.Connector, exp.EQ, exp.Exists, exp.GT, exp.GTE, exp.ILike, exp.In, exp.Is, exp.IsNan, exp.LT, exp.LTE, exp.Like, exp.LogicalAnd, exp.LogicalOr, exp.NEQ, exp.Not, exp.NullSafeEQ, exp.NullSafeNEQ, exp.RegexpLike, exp.StartsWith)},
    **{kind: "date" for kind in (exp.CurrentDate, exp.Date, exp.LastDay, exp.StrToDate, exp.TsOrDsToDate)}, exp.CurrentTimestamp: "timestamp(3) with time zone", exp.Localtimestamp: "timestamp(3)",
    exp.Null: UNKNOWN, exp.StrToTime: "timestamp(3)", exp.UnixToTime: "timestamp(3) with time zone",
}  # fmt: skip
#: What gives the type that it is given.
_KEEPS = (exp.Abs, exp.AnyValue, exp.Ceil, exp.DateAdd, exp.DateSub, exp.DateTrunc, exp.FirstValue, exp.Floor, exp.Lag, exp.LastValue, exp.Lead, exp.Max, exp.Min, exp.Neg, exp.NthValue, exp.TimestampTrunc)

_EQUALS = ("=", "<>", "!=")
#: Comparisons, and the operator that Trino has of each: of `a > b` it lacks `a < b`.
_COMPARED: dict[type[exp.Expression], tuple[str, tuple[str, ...]]] = {
    exp.EQ: ("=", _EQUALS), exp.NEQ: ("=", _EQUALS), exp.LT: ("<", ("<",)), exp.LTE: ("<=", ("<=",)), exp.GT: ("<", (">",)), exp.GTE: ("<=", (">=",)),
}  # fmt: skip
_COUNTED: dict[type[exp.Expression], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}

_NUMBER, _TEXT, _TIME, _TRUTH, _BYTES = {"number"}, {"varchar"}, {"time"}, {"boolean"}, {"varbinary"}
_SPAN = {"interval day to second", "interval year to month"}


def _each(name: str, *kinds: str) -> str:
    return ", ".join(f"{name}({each})" for each in kinds)


def _clocked(name: str, pattern: str, *others: str) -> str:
    return ", ".join([f"{name}({pattern.replace('$', each)})" for each in (*others, "timestamp(p)", "timestamp(p) with time zone")])


_OF_NUMBERS = ("bigint", "decimal(p,s)", "double", "integer", "real", "smallint", "tinyint")
_OF_SUMS = ("bigint", "decimal(p,s)", "double", _DAYS, _MONTHS, "real")
_OF_TEXT = ("char(x)", "varchar(x)")
_OF_CLOCK = ("time(p)", "time(p) with time zone")
_Arguments = Callable[[exp.Expression], Sequence["exp.Expression | None"]]


def _this(node: exp.Expression) -> Sequence[exp.Expression | None]:
    return [node.this, *node.expressions]


def _unit(*names: str) -> _Arguments:
    return lambda node: [node.args.get("unit"), *(node.args.get(name) for name in names)]


#: Functions by name: their arguments in Trino's order, what may be each (nothing: all may), and what Trino expects.
_TAKES: dict[str, tuple[_Arguments, list[set[str] | None], str]] = {
    **{name: (_this, [_NUMBER], _each(name, *_OF_NUMBERS)) for name in ("abs", "ceil", "ceiling", "floor", "sign")},
    **{name: (_this, [_NUMBER], _each(name, "double")) for name in ("cbrt", "exp", "ln", "log10", "sqrt")},
    "round": (lambda node: [node.this, node.args.get("decimals")], [_NUMBER, _NUMBER], _each("round", *(f"{each}{digits}" for each in _OF_NUMBERS for digits in ("", ", integer")))),
    **{name: (_this, [_NUMBER | _SPAN], _each(name, *_OF_SUMS)) for name in ("avg", "sum")},
    **{name: (_this, [_TEXT], _each(name, *_OF_TEXT)) for name in ("lower", "upper", "ltrim", "rtrim", "reverse")},
    "length": (_this, [_TEXT | _BYTES], _each("length", "char(x)", "varbinary", "varchar(x)")),
    **{name: (lambda node: [node.this, node.args.get("start"), node.args.get("length")], [_TEXT | _BYTES, _NUMBER, _NUMBER], ", ".join(_each(name, f"{kind}, bigint", f"{kind}, bigint, bigint") for kind in ("char(x)", "varbinary", "varchar(x)"))) for name in ("substr", "substring")},
    "replace": (lambda node: [node.this, node.expression, node.args.get("replacement")], [_TEXT, _TEXT, _TEXT], _each("replace", "varchar(x), varchar(y)", "varchar(x), varchar(y), varchar(z)")),
    "strpos": (lambda node: [node.this, node.args.get("substr")], [_TEXT, _TEXT], _each("strpos", "varchar(x), varchar(y)", "varchar(x), varchar(y), bigint")),
    "split": (lambda node: [node.this, node.expression], [_TEXT, _TEXT], _each("split", "varchar(x), varchar(y)", "varchar(x), varchar(y), bigint")),
    "regexp_like": (lambda node: [node.this, node.expression], [_TEXT, _TEXT], _each("regexp_like", "char(x), joniregexp", "varchar(x), joniregexp")),
    **{name: (_this, [_BYTES], _each(name, "varbinary")) for name in ("md5", "sha1", "sha256", "sha512")},
    **{name: (_this, [_TIME | {_MONTHS}], _clocked(name, "$", "date", _MONTHS)) for name in ("month", "year")},
    **{name: (_this, [_TIME | {_DAYS}], _clocked(name, "$", "date", _DAYS)) for name in ("day", "day_of_month")},
    **{name: (_this, [_TIME], _clocked(name, "$", "date")) for name in ("day_of_week", "day_of_year", "dow", "doy", "quarter", "week", "week_of_year", "year_of_week", "yow")},
    **{name: (_this, [_TIME | {"time", _DAYS}], _clocked(name, "$", _DAYS, *_OF_CLOCK)) for name in ("hour", "minute", "second")},
    "cardinality": (_this, [{"array", "map"}], "cardinality(array(E)) E, cardinality(map(K,V)) K, V"),
    "date_trunc": (_unit("this"), [_TEXT, _TIME], _clocked("date_trunc", "varchar(x), $", "date", *_OF_CLOCK)),
    "date_add": (_unit("expression", "this"), [_TEXT, _NUMBER, _TIME], _clocked("date_add", "varchar(x), bigint, $", "date", *_OF_CLOCK)),
    "date_diff": (_unit("expression", "this"), [_TEXT, _TIME, _TIME], _clocked("date_diff", "varchar(x), $, $", "date", *_OF_CLOCK)),
    "date_format": (lambda node: [node.this, node.args.get("format")], [_TIME, _TEXT], "date_format(timestamp(p) with time zone, varchar(x)), date_format(timestamp(p), varchar(x))"),
    "date_parse": (lambda node: [node.this, node.args.get("format")], [_TEXT, _TEXT], "date_parse(varchar(x), varchar(y))"),
    "from_unixtime": (_this, [_NUMBER], _each("from_unixtime", "double", "double, bigint, bigint", "double, varchar(x)")),
    "to_unixtime": (_this, [_TIME], _each("to_unixtime", "timestamp(p)", "timestamp(p) with time zone")),
    **{name: (_this, [_TRUTH], _each(name, "boolean")) for name in ("bool_and", "bool_or", "count_if", "every")},
}  # fmt: skip
_UNITS = ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")
_CONCATENATES = "concat(E, array(E)) E, concat(array(E)) E, concat(array(E), E) E, concat(char(x), char(y)), concat(varbinary), concat(varchar)"
_AGGREGATES_NOT_IN = "cannot contain aggregations, window functions or grouping operations"


class _Types:
    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.tokens = [(each.start, each.end, sql[each.start : each.end + 1].upper()) for each in sqlglot.tokenize(sql, read="athena")]

    # Types -----------------------------------------------------------------------------------------------------------

    def of(self, node: exp.Expression | None) -> str | None:
        """The type of an expression in Trino's words, where it is surely known."""
        node = node.unnest() if node else None
        if isinstance(node, exp.Alias):
            return self.of(node.this)
        if isinstance(node, exp.Literal):
            return self._literal(node)
        if isinstance(node, exp.Cast):
            return _named(node.to)
        if isinstance(node, exp.Interval):
            return _MONTHS if (node.unit.name if node.unit else "").upper().rstrip("S") in ("YEAR", "MONTH") else _DAYS
        if isinstance(node, (exp.Bracket, exp.Column, exp.Dot)):
            return _named(node.type)
        if isinstance(node, (exp.Window, exp.Filter, exp.WithinGroup, *_KEEPS)):
            return self.of(node.this)
        if isinstance(node, (exp.Sum, exp.Avg)):
            return self._summed(node)
        if isinstance(node, exp.Round):
            return self.of(node.this)
        if isinstance(node, exp.DPipe):
            sides = (self.of(node.left), self.of(node.right))
            return "varchar" if all(side and _family(side) in ("varchar", UNKNOWN) for side in sides) else None
        if type(node) in _COUNTED:
            return self._counted(node)
        branches = _branches(node)
        if branches:
            return self._together([self.of(each) for each in branches])
        if isinstance(node, exp.Select):
            return self.of(node.expressions[0]) if len(node.expressions) == 1 else None
        return next((given for kind, given in _GIVES.items() if isinstance(node, kind)), None)

    @staticmethod
    def _literal(node: exp.Literal) -> str:
        if node.is_string:
            return f"varchar({len(node.name)})"
        if node.is_int:
            return "integer" if int(node.name) < 2**31 else "bigint"
        if "e" in node.name.lower():
            return "double"
        whole, _, rest = node.name.partition(".")
        return f"decimal({max(1, len(whole.lstrip('0')) + len(rest))},{len(rest)})"

    def _summed(self, node: exp.Expression) -> str | None:
        kind = self.of(node.this)
        if kind in _NUMBERS[:4]:
            return "bigint" if isinstance(node, exp.Sum) else "double"
        return re.sub(r"\(\d+", "(38", kind) if kind and kind.startswith("decimal") and isinstance(node, exp.Sum) else kind

    def _counted(self, node: exp.Expression) -> str | None:
        left, right = self.of(node.left), self.of(node.right)
        if left is None or right is None:
            return None
        if _family(left) == _family(right) == "number":
            # How many digits a decimal has then is Trino's business.
            return None if "decimal" in (left[:7], right[:7]) and not {left, right} & {"double", "real"} else common(left, right)
        spans = {left, right} & _SPAN
        if spans:
            return next((each for each in (left, right) if _family(each) == "time"), left if left in _SPAN else right)
        return _DAYS if isinstance(node, exp.Sub) and _family(left) == _family(right) == "time" else None

    @staticmethod
    def _together(kinds: list[str | None]) -> str | None:
        found: str | None = UNKNOWN
        for kind in kinds:
            found = common(found, kind)
            if found is None:
                return None
        return found

    # Places ----------------------------------------------------------------------------------------------------------

    def _span(self, node: exp.Expression | None) -> tuple[int, int] | None:
        """From where to where something stands, as far as its parts know."""
        found = [(each.meta["start"], each.meta["end"]) for each in (node.walk() if node else ()) if "start" in each.meta]
        return (min(start for start, _ in found), max(end for _, end in found)) if found else None

    def _token(self, words: Sequence[str], after: exp.Expression | None, before: exp.Expression | None = None) -> int | None:
        """Where the next of these words stands behind something, or else the last one before something."""
        left, right = self._span(after), self._span(before)
        if left:
            return next((start for start, _, word in self.tokens if start > left[1] and word in words), None)
        if right:
            return next((start for start, _, word in reversed(self.tokens) if start < right[0] and word in words), None)
        return next((start for start, _, word in self.tokens if word in words), None)

    def at(self, node: exp.Expression | None) -> int | None:
        """Where Trino says that an expression stands: an operation at its operator, all else where it begins."""
        node = node.unnest() if node else None
        if isinstance(node, exp.Alias):
            return self.at(node.this)
        if type(node) in _COMPARED:
            return self._token(_COMPARED[type(node)][1], node.left, node.right)
        if type(node) in _COUNTED:
            return self._token((_COUNTED[type(node)],), node.left, node.right)
        if isinstance(node, exp.DPipe):
            return self._token(("||",), node.left, node.right)
        if isinstance(node, exp.Between):
            return self._token(("NOT", "BETWEEN"), node.this)
        if isinstance(node, exp.In):
            return self._token(("NOT", "IN"), node.this)
        if isinstance(node, (exp.Like, exp.ILike)):
            return self._token(("NOT", "LIKE"), node.this)
        if isinstance(node, (exp.Case, exp.Cast, exp.If)):
            return self._token({exp.Case: ("CASE",), exp.If: ("IF",)}.get(type(node), ("CAST", "TRY_CAST")), None, node)
        span = self._span(node)
        return span[0] if span else None

    def refuse(self, offset: int | None, what: str, code: str = "TYPE_MISMATCH") -> None:
        raise Refusal(code, f"{place(self.sql, offset or 0)}: {what}")

    # What is refused -------------------------------------------------------------------------------------------------

    def check(self, tree: exp.Expression) -> None:
        for node in _inside_out(tree):
            self._check(node)

    def _check(self, node: exp.Expression) -> None:
        kind = type(node)
        if kind in _COMPARED:
            self._operator(node, _COMPARED[kind][0], _goes)
        elif kind in _COUNTED:
            self._operator(node, _COUNTED[kind], lambda left, right: self._may_count(node, left, right))
        elif isinstance(node, exp.DPipe):
            self._concatenated(node, [node.left, node.right], self.at(node))
        elif isinstance(node, exp.Between):
            kinds = [self.of(each) for each in (node.this, node.args["low"], node.args["high"])]
            if None not in kinds and self._together(kinds) is None:
                self.refuse(self.at(node), f"Cannot check if {kinds[0]} is BETWEEN {kinds[1]} and {kinds[2]}")
        elif isinstance(node, exp.In):
            self._listed(node)
        elif isinstance(node, exp.Connector):
            for term in (node.left, node.right):
                self._truth(term, "Logical expression term")
        elif isinstance(node, exp.Not):
            self._truth(node.this, "Value of logical NOT expression")
        elif isinstance(node, (exp.Where, exp.Having)):
            self._clause(node.this, f"{node.key.upper()} clause")
        elif isinstance(node, exp.Join) and node.args.get("on"):
            self._clause(node.args["on"], "JOIN ON clause")
        elif isinstance(node, exp.Neg):
            kind_of = self.of(node.this)
            if kind_of and _family(kind_of) not in ("number", UNKNOWN, *_SPAN):
                self.refuse(self._token(("-",), None, node.this), f"Cannot negate {kind_of}")
        elif isinstance(node, (exp.Like, exp.ILike)):
            for side, what in ((node.this, "Left side of LIKE expression"), (node.expression, "Pattern for LIKE expression")):
                kind_of = self.of(side)
                if kind_of and _family(kind_of) not in ("varchar", UNKNOWN):
                    self.refuse(self.at(side), f"{what} must evaluate to a varchar (actual: {kind_of})")
        elif isinstance(node, exp.Case):
            self._cases(node)
        elif isinstance(node, exp.If) and not isinstance(node.parent, exp.Case):
            self._truth(node.this, "IF condition")
            one, other = self.of(node.args["true"]), self.of(node.args.get("false"))
            if not _goes(one, other):
                self.refuse(self.at(node), f"Result types for IF must be the same: {one} vs {other}")
        elif isinstance(node, exp.Coalesce):
            self._same([node.this, *node.expressions], "All COALESCE operands")
        elif isinstance(node, exp.Array):
            self._same(node.expressions, "All ARRAY elements")
        elif isinstance(node, exp.Nullif):
            one, other = self.of(node.this), self.of(node.expression)
            if not _goes(one, other):
                self.refuse(self.at(node), f"Types are not comparable with NULLIF: {one} vs {other}")
        elif isinstance(node, exp.Extract):
            kind_of = self.of(node.expression)
            if kind_of and _family(kind_of) not in ("time", UNKNOWN, *_SPAN):
                self.refuse(self.at(node.expression), f"Type of argument to extract must be DATE, TIME, TIMESTAMP, or INTERVAL (actual {kind_of})")
        elif isinstance(node, exp.Cast):
            one, other = self.of(node.this), _named(node.to)
            if one and other and not _castable(one, other):
                self.refuse(self.at(node), f"Cannot cast {one} to {other}")
        elif isinstance(node, exp.SetOperation):
            self._stacked(node)
        elif isinstance(node, exp.Select):
            self._starred(node)
        elif isinstance(node, exp.Values):
            self._rows(node)
        elif isinstance(node, exp.Unnest):
            kind_of = self.of(node.expressions[0])
            if kind_of and _family(kind_of) not in ("array", "map", UNKNOWN):
                self.refuse(self._token(("UNNEST",), None, node), f"Cannot unnest type: {kind_of}", "INVALID_FUNCTION_ARGUMENT")
        if isinstance(node, exp.Func):
            self._called(node)

    def _operator(self, node: exp.Expression, operator: str, may: Callable[[str, str], bool]) -> None:
        left, right = self.of(node.left), self.of(node.right)
        if left and right and not may(left, right):
            self.refuse(self.at(node), f"Cannot apply operator: {left} {operator} {right}")

    @staticmethod
    def _may_count(node: exp.Expression, left: str, right: str) -> bool:
        families = {_family(left), _family(right)}
        if UNKNOWN in families or families == {"number"}:
            return True
        spans = families & _SPAN
        if isinstance(node, (exp.Add, exp.Sub)):
            if families == {"time"}:
                return isinstance(node, exp.Sub)
            return left == right if families <= _SPAN else bool(spans) and "time" in families and (isinstance(node, exp.Add) or _family(left) == "time")
        return bool(spans) and "number" in families and (isinstance(node, exp.Mul) or isinstance(node, exp.Div) and left in _SPAN)

    def _concatenated(self, node: exp.Expression, parts: list[exp.Expression], offset: int | None) -> None:
        kinds = [self.of(each) for each in parts]
        families = {_family(each) for each in kinds if each} - {UNKNOWN}
        if None in kinds or families <= {"varchar"} or families <= {"varbinary"} or "array" in families:
            return
        self.refuse(offset, f"Unexpected parameters ({', '.join(str(each) for each in kinds)}) for function concat. Expected: {_CONCATENATES}", "FUNCTION_NOT_FOUND")

    def _listed(self, node: exp.In) -> None:
        query = node.args.get("query")
        if node.expressions:
            self._same([node.this, *node.expressions], "IN value and list items")
        elif query is not None:
            select = query.unnest()
            column = select.selects[0] if isinstance(select, exp.Query) and len(select.selects) == 1 else None
            one, other = self.of(node.this), self.of(column)
            if not _goes(one, other):
                self.refuse(self.at(node), f"Value expression and result of subquery must be of the same type: row({one}) vs row({column.alias_or_name if column else ''} {other})")

    def _same(self, nodes: list[exp.Expression], what: str) -> None:
        kinds = [self.of(each) for each in nodes]
        found: str | None = UNKNOWN
        for node, kind in zip(nodes, kinds):
            if kind is None or found is None:
                return
            if not _goes(found, kind):
                every = ", ".join(dict.fromkeys(str(each) for each in kinds))
                self.refuse(self.at(node), f"{what} must be the same type or coercible to a common type. Cannot find common type between {found} and {kind}, all types (without duplicates): [{every}]")
            found = common(found, kind)

    def _truth(self, node: exp.Expression, what: str) -> None:
        kind = self.of(node)
        if kind not in (None, "boolean", UNKNOWN):
            self.refuse(self.at(node), f"{what} must evaluate to a boolean (actual: {kind})")

    def _clause(self, node: exp.Expression, what: str) -> None:
        kind = self.of(node)
        if what != "HAVING clause":
            found = [each for each in node.find_all(exp.AggFunc, exp.Window) if each.find_ancestor(exp.Query) is node.find_ancestor(exp.Query)]
            if found:
                said = ", ".join(map(_written, found))
                self.refuse(self.at(node), f"{what} {_AGGREGATES_NOT_IN}: [{said}]", "EXPRESSION_NOT_SCALAR")
        if kind not in (None, "boolean", UNKNOWN):
            self.refuse(self.at(node), f"{what} must evaluate to a boolean: actual type {kind}")

    def _cases(self, node: exp.Case) -> None:
        operand = self.of(node.this) if node.this else None
        for each in node.args["ifs"]:
            if node.this is None:
                self._truth(each.this, "CASE WHEN clause")
                continue
            # What sqlglot has made a comparison of it.
            value = each.this.right if isinstance(each.this, exp.EQ) and each.this.left == node.this else each.this
            kind = self.of(value)
            if not _goes(operand, kind):
                self.refuse(self.at(value), f"CASE operand type does not match WHEN clause operand type: {operand} vs {kind}")
        self._same(_branches(node), "All CASE results")

    def _stacked(self, node: exp.SetOperation) -> None:
        sides = [side.unnest() for side in (node.this, node.expression)]
        if not all(isinstance(side, exp.Query) for side in sides) or any(each.is_star for side in sides for each in side.selects):
            return
        left, right = (side.selects for side in sides)
        name, at = node.key.upper(), self._token((node.key.upper(),), node.this, node.expression)
        if len(left) != len(right):
            self.refuse(at, f"{name} query has different number of fields: {len(left)}, {len(right)}")
        for number, (one, other) in enumerate(zip(map(self.of, left), map(self.of, right)), 1):
            if not _goes(one, other):
                self.refuse(at, f"column {number} in {name} query has incompatible types: {one}, {other}")

    def _starred(self, node: exp.Select) -> None:
        """Columns that a star stands for, beside aggregates."""
        group = node.args.get("group")
        if group and any(value for key, value in group.args.items() if key != "expressions"):
            return
        if not group and not any(each.find(exp.AggFunc) and not each.find(exp.Window) for each in node.expressions):
            return
        keys = group.expressions if group else []
        for each in (each.unalias() for each in node.expressions):
            if isinstance(each, exp.Column) and "start" not in each.this.meta and each not in keys:
                self.refuse(self._token(("*",), None), f"Column '{each.table}.{each.name}' not in GROUP BY clause", "EXPRESSION_NOT_AGGREGATE")

    def _rows(self, node: exp.Values) -> None:
        rows = [[self.of(each) for each in row.expressions] for row in node.expressions if isinstance(row, exp.Tuple)]
        for row in rows[1:]:
            if len(row) != len(rows[0]) or not all(map(_goes, rows[0], row)):
                first, other = (f"row({', '.join(str(each) for each in kinds)})" for kinds in (rows[0], row))
                self.refuse(self._token(("VALUES",), None, node), f"Values rows have mismatched types: {first} vs {other}")

    def align(self, tree: exp.Expression) -> None:
        """The engine compares a double with a decimal as decimals, which a double may be too big for; Trino does it as doubles."""
        for node in list(tree.find_all(*_COMPARED, exp.Between, exp.In)):
            parts = [node.this, node.args["low"], node.args["high"]] if isinstance(node, exp.Between) else [node.this, *node.expressions] if isinstance(node, exp.In) else [node.left, node.right]
            if any(self.of(each) in ("double", "real") for each in parts):
                for each in parts:
                    if self._is_decimal(each):
                        each.replace(exp.cast(each.copy(), exp.DataType.Type.DOUBLE))

    def _is_decimal(self, node: exp.Expression) -> bool:
        kind, node = self.of(node), node.unnest()
        return kind.startswith("decimal") if kind else type(node) in _COUNTED and (self._is_decimal(node.left) or self._is_decimal(node.right))

    def _called(self, node: exp.Func) -> None:
        start, end = node.meta.get("start"), node.meta.get("end")
        name = self.sql[start : end + 1].lower() if start is not None and end is not None else ""
        if name == "concat" and isinstance(node, exp.Concat):
            self._concatenated(node, node.expressions, start)
        if name not in _TAKES:
            return
        arguments, takes, expected = _TAKES[name]
        given = [each for each in arguments(node) if each is not None]
        unit = given[0] if given and isinstance(given[0], exp.Var) and self.sql[end + 1 :].lstrip("( \n\t")[:1] == "'" else None
        if unit and unit.name.lower() not in _UNITS:
            self.refuse(start, f"'{unit.name.lower()}' is not a valid {'DATE' if self.of(given[-1]) == 'date' else 'TIMESTAMP'} field", "INVALID_FUNCTION_ARGUMENT")
        kinds = [f"varchar({len(each.name)})" if each is unit else self.of(each) for each in given]
        wrong = [kind for kind, may in zip(kinds, takes) if kind and may and _family(kind) not in may | {UNKNOWN} and kind not in may]
        if wrong and None not in kinds:
            self.refuse(start, f"Unexpected parameters ({', '.join(str(each) for each in kinds)}) for function {name}. Expected: {expected}", "FUNCTION_NOT_FOUND")


def wrong_count(sql: str, detail: dict[str, Any]) -> str:
    """That a function was given too many arguments, or too few: what the parser said of its closing parenthesis."""
    tokens = [(each.start, sql[each.start : each.end + 1]) for each in sqlglot.tokenize(sql, read="athena")]
    at = next((at for at, (start, _) in enumerate(tokens) if place(sql, start) == f"line {detail.get('line')}:{detail.get('col')}"), len(tokens) - 1)
    depth, commas = 0, 0
    for before in range(at, 0, -1):
        depth += {")": 1, "(": -1}.get(tokens[before][1], 0)
        commas += depth == 1 and tokens[before][1] == ","
        if depth == 0:
            break
    start, name = tokens[before - 1]
    given = 0 if before + 1 == at else commas + 1
    return f"{place(sql, start)}: Unexpected number of parameters ({given}) for function {name.lower()}." + (f" Expected: {_TAKES[name.lower()][2]}" if name.lower() in _TAKES else "")


def _branches(node: exp.Expression | None) -> list[exp.Expression]:
    """What an expression may turn out to be."""
    if isinstance(node, exp.Case):
        return [*(each.args["true"] for each in node.args["ifs"]), *([node.args["default"]] if node.args.get("default") else [])]
    if isinstance(node, exp.If):
        return [node.args["true"], *([node.args["false"]] if node.args.get("false") else [])]
    if isinstance(node, (exp.Coalesce, exp.Greatest, exp.Least)):
        return [node.this, *node.expressions]
    return [node.this] if isinstance(node, exp.Nullif) else []


def _inside_out(node: exp.Expression) -> Iterator[exp.Expression]:
    """What is inside comes first, as Trino looks at it; of a query what it reads, then what it keeps, then what it gives."""
    parts = list(node.iter_expressions())
    if isinstance(node, exp.Select):
        order = ("with_", "from_", "joins", "laterals", "where", "group", "having")
        parts.sort(key=lambda each: order.index(each.arg_key) if each.arg_key in order else len(order))
    for part in parts:
        yield from _inside_out(part)
    yield node


def _written(node: exp.Expression) -> str:
    """As it was written, without the tables that were put before its columns."""
    copy = node.copy()
    for column in copy.find_all(exp.Column):
        column.set("table", None)
        column.this.set("quoted", False)
    return copy.sql(dialect="trino", normalize_functions="lower")
