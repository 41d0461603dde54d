"""Random buckets, listed page by page, against what a look at every key gives: S3's listings come from an index.

Usage: `python listings.py FOLDER_OF_SANDBOX_PYTHON BUCKETS SEED`. Prints how many pages it compared; ends with 1, and says which
bucket it was, when a listing differs.
"""

import os
import random
import sys

sys.path.insert(0, sys.argv[1])
os.environ["MOTO_ACCOUNT_ID"] = "000000000000"

# The control plane sets moto up before it is loaded.
import sandbox.gateway.control_plane as control_plane  # noqa: E402, F401
from moto.backends import get_backend  # noqa: E402
from moto.s3.models import FakeDeleteMarker  # noqa: E402


S3 = get_backend("s3")["000000000000"]["aws"]
NAMES = ["a", "a/", "a/b", "a/b/c", "a//", "b", "ñ/é+%", "ñ/ü", "z/1", "z/2", "z0", "😀/x", "part=1/x.parquet"]


def folder_of(name, prefix, delimiter):
    end = name.find(delimiter, len(prefix)) if delimiter else -1
    return name[: end + len(delimiter)] if end >= 0 else None


def naive(versions, prefix, delimiter):
    """What a listing has to give: keys with their versions, or common prefixes."""
    listed = []
    for name in sorted(versions, key=lambda name: name.encode()):
        folder = folder_of(name, prefix, delimiter)
        if name.startswith(prefix) and versions[name] and (not folder or folder not in listed):
            listed.append(folder or name)
    return listed


def name_of(item):
    return item if isinstance(item, str) else item.name


def check(seed):
    dice, pages = random.Random(seed), 0
    S3.reset()
    bucket = S3.create_bucket("some", "us-east-2")
    bucket.versioning_status = dice.choice([None, "Enabled"])
    versions = {}
    for step in range(dice.randrange(60)):
        name = dice.choice(NAMES)
        if dice.random() < 0.65:
            kept = versions.get(name, []) if bucket.is_versioned else []
            versions[name] = [*kept, S3.put_object("some", name, b"x").version_id]
        elif dice.random() < 0.7:
            if bucket.is_versioned and not versions.get(name):
                continue
            _, meta = S3.delete_object("some", name)
            versions[name] = [*versions[name], "deleted " + meta["version-id"]] if bucket.is_versioned else []
        elif versions.get(name):
            version = dice.choice(versions[name])
            if bucket.is_versioned:
                S3.delete_object("some", name, version.removeprefix("deleted "))
                versions[name].remove(version)
        if step % 7:
            continue
        prefix, delimiter, most = dice.choice(["", "a", "a/", "ñ/", "zz"]), dice.choice([None, "/", "=", "//"]), dice.choice([1, 2, 3, 100])
        living = {name: each for name, each in versions.items() if each and not each[-1].startswith("deleted")}
        for listing in ("v1", "v2", "versions"):
            found, token, version = [], None, None
            while True:
                pages += 1
                if listing == "v1":
                    keys, folders, more, token = S3.list_objects(bucket, prefix, delimiter, token, most)
                    page = sorted([*keys, *folders], key=name_of)
                elif listing == "v2":
                    page, more, token = S3.list_objects_v2(bucket, prefix, delimiter, token, None, most)
                else:
                    there, folders, markers, token, version = S3.list_object_versions("some", delimiter, token, most, prefix, version)
                    page, more = [*there, *markers, *folders], token is not None
                    for each in [*there, *markers]:
                        latest = versions[each.name][-1].removeprefix("deleted ")
                        assert each.is_latest == (each.version_id == latest), (seed, each.name)
                assert len(page) == most if more else len(page) <= most, (seed, listing, page)
                found += page
                if not more:
                    break
            if listing == "versions":
                wanted = []
                for name in naive(versions, prefix, delimiter):
                    wanted += [name] if folder_of(name, prefix, delimiter) else [(name, each) for each in reversed(versions[name])]
                got = [each if isinstance(each, str) else (each.name, ("deleted " if isinstance(each, FakeDeleteMarker) else "") + each.version_id) for each in found]
                # A page gives versions and markers apart.
                assert sorted(got, key=str) == sorted(wanted, key=str), (seed, got, wanted)
            else:
                wanted, got = naive(living, prefix, delimiter), [name_of(each) for each in found]
                assert got == wanted, (seed, listing, prefix, delimiter, most, got, wanted)
    return pages


def main():
    buckets, seed = int(sys.argv[2]), int(sys.argv[3])
    print(sum(check(seed + number) for number in range(buckets)), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
