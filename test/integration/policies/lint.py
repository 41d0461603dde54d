"""Reads {name: policy} from stdin, prints {name: [finding]}: what parliament says of each."""
import json
import sys

from parliament import analyze_policy_string, enhance_finding


def findings(document):
    found = [enhance_finding(finding) for finding in analyze_policy_string(json.dumps(document)).findings]
    return [{"issue": each.issue, "severity": each.severity, "title": each.title, "detail": str(each.detail)} for each in found]


json.dump({name: findings(document) for name, document in json.load(sys.stdin).items()}, sys.stdout)
