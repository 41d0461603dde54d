"""`getResolvedOptions` as Glue documents it: what is asked for is required, some names are reserved."""

import argparse

RESERVED = ["JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION", "job-bookmark-option", "encryption-type"]


class GlueArgumentError(Exception):
    pass


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise GlueArgumentError(message)


def getResolvedOptions(args, options):
    parser = _Parser()  # abbreviations allowed, as there
    for name in RESERVED:
        if name in options:
            raise RuntimeError("Using reserved arguments " + name)
        parser.add_argument("--" + name)
    parser.add_argument("--TempDir")
    for name in options:
        parser.add_argument("--" + name, required=True)
    return vars(parser.parse_known_args(args[1:])[0])
