"""Reads [{language, text}] from stdin, prints what each literal says to its language's own reader, as JSON."""
import ast
import json
import sys

import hcl2


def unquoted(value):
    """hcl2 leaves the quotes of strings and keys in place."""
    if isinstance(value, dict):
        return {unquoted(key): unquoted(item) for key, item in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [unquoted(item) for item in value]
    return json.loads(value) if isinstance(value, str) and value.startswith('"') else value


def read(language, text):
    if language == "python":
        return ast.literal_eval(text)
    return unquoted(hcl2.loads(f"policy = {text}\n"))["policy"]


json.dump([read(each["language"], each["text"]) for each in json.load(sys.stdin)], sys.stdout)
