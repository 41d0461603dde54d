"""Objects that rest in the journal at a start, the index that says where, and a journal that is damaged.

Usage: `python rests.py FOLDER_OF_SANDBOX_PYTHON SEED`. Prints what was tried, one a line; ends with 1 where a lake is not what it was.
"""

import contextlib
import io
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

from histories import XML, Client, empty, lake
import sandbox.services.s3.listing as listing
import sandbox.store.journal as journals
import sandbox.store.journal_file as journal_file

OBJECTS = 40
journal_file.FEW = 1  # an index is written of so few


def filled(folder, dice):
    empty()
    client = Client(folder)
    for bucket in ("one", "two"):
        client.ask("PUT", "/" + bucket, body=f"<CreateBucketConfiguration {XML}><LocationConstraint>us-east-2</LocationConstraint></CreateBucketConfiguration>".encode())
    for number in range(OBJECTS):
        client.ask("PUT", f"/{dice.choice(['one', 'two'])}/{dice.choice('abc')}/{number:03d}", body=bytes([number]) * dice.choice([0, 9, 1000, 90_000]))
        if number % 9 == 0:
            client.ask("PUT", f"/one/source{number}", body=b"copied")
            client.ask("PUT", f"/one/copy{number}", x_amz_copy_source=f"/one/source{number}")
            client.ask("DELETE", f"/one/source{number}")
    client.journal.close()
    client.journal._out.close()
    return lake()


def started(source, folder):
    """The journal started anew in a copy: what that says, and the client."""
    shutil.copytree(source, folder)
    return again(folder)


def again(folder):
    empty()
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        client = Client(folder)
    return client, said.getvalue()


def resting():
    from moto.backends import get_backend

    return sum(1 for bucket in get_backend("s3")["000000000000"]["aws"].buckets.values() for found in dict.values(bucket.keys) if not isinstance(found, list))


def same(now, was, *what):
    assert now == was, (*what, {key: (was.get(key), now.get(key)) for key in {*was, *now} if was.get(key) != now.get(key)})


def main():
    seed = int(sys.argv[2])
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        was = filled(home / "live", dice)
        index = "journal.index"

        # The first start compacts the journal, and leaves its index; the second reads by that.
        started(home / "live", home / "first")[0].journal._out.close()
        empty()
        read, line_of = [], journal_file.entry_of
        journal_file.entry_of = lambda line: read.append(line) or line_of(line)
        client, said = started(home / "first", home / "indexed")
        journal_file.entry_of = line_of
        rested = resting()
        assert said == "" and rested > OBJECTS / 2, (seed, said, rested)
        lines = (home / "first" / "journal.jsonl").read_bytes().splitlines(keepends=True)
        assert len(read) == len(lines) - rested, (seed, len(read), len(lines), rested, "read: what does not rest, and no more")
        status, _, body = client.ask("GET", "/two", "list-type=2&max-keys=3")
        assert status == 200 and body.count(b"<Key>") == 3 and resting() >= rested - 4, (seed, "a page wakes what is on it", resting())
        same(lake(), was, seed, "by its index")
        assert resting() == 0
        client.journal._out.close()
        print("an index")

        # What is changed after it is read behind it.
        client, _ = started(home / "first", home / "more")
        client.ask("PUT", "/two", "encryption=", f"<ServerSideEncryptionConfiguration {XML}><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>".encode())
        client.ask("PUT", "/two/new", body=b"new")
        client.ask("PUT", "/two/a/001", body=b"over")
        client.ask("PUT", "/one/a/000", "tagging=", f"<Tagging {XML}><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>".encode())
        heads = [client.ask("HEAD", f"/two/{key}")[1].get("x-amz-server-side-encryption") for key in ("new", *[key[4:] for key in was if key.startswith("two/") and key != "two/a/001"][:3])]
        assert heads[0] == "AES256" and heads[1:3] == [None, None], heads
        changed = lake()
        client.journal._out.close()
        client, said = again(home / "more")
        same(lake(), changed, seed, "changed after the index")
        client.journal._out.close()
        print("changes after it")

        # Torn, of another journal, half written: the journal itself is read.
        for tear in ("cut", "flip", "old", "new"):
            folder = home / tear
            shutil.copytree(home / "first", folder)
            whole = (folder / index).read_bytes()
            if tear == "cut":
                (folder / index).write_bytes(whole[: dice.randrange(len(whole))])
            elif tear == "flip":
                at = dice.randrange(whole.index(b"\n") + 1, len(whole))
                (folder / index).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            elif tear == "old":  # the journal is not the one that it is of
                journal = (folder / "journal.jsonl").read_bytes().replace(b"sandbox-none", b"")
                first, rest = journal.split(b"\n", 1)
                (folder / "journal.jsonl").write_bytes(first.replace(b'"after"', b' "after"') + b"\n" + rest)
            else:  # killed while it was written
                (folder / index).unlink()
                (folder / "journal.index.new").write_bytes(whole[: len(whole) // 2])
            client, said = again(folder)
            assert ("put aside" in said) == (tear != "new") == (folder / "journal.index.damaged").exists(), (seed, tear, said)
            same(lake(), was, seed, tear)
            client.journal._out.close()
        print("an index that is torn")

        # A line that cannot be read: all else comes back, and the line is kept.
        for kind in ("put", "other"):
            folder = home / f"damaged {kind}"
            shutil.copytree(home / "first", folder)
            plain = [at for at, line in enumerate(lines) if b'"PATH_INFO":"/two/' in line]
            other = [at for at, line in enumerate(lines) if b"copy" in line]
            at = dice.choice(plain if kind == "put" else other)
            bad = lines[at][:30] + b"\0" * 20 + lines[at][50:]
            (folder / "journal.jsonl").write_bytes(b"".join([*lines[:at], bad, *lines[at + 1 :]]))
            client, said = again(folder)
            assert f"line {at + 1} of " in said and client.journal.damaged == 1, (seed, kind, said)
            assert (folder / "journal.damaged").read_bytes() == bad
            now = lake()
            missing = {key for key in was if key not in now}
            assert len(missing) == 1 and {key: value for key, value in was.items() if key not in missing} == now, (seed, kind, missing)
            client.ask("PUT", "/one/later", body=b"x")
            later = lake()
            client.journal._out.close()
            client, said = again(folder)
            assert client.journal.damaged == 0, said
            same(lake(), later, seed, "after the damage")
            client.journal._out.close()
        print("a line that cannot be read")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
