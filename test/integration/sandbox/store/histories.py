"""Random histories of S3 and its neighbours, each replayed whole and compacted: the same lake three times.

Usage: `python histories.py FOLDER_OF_SANDBOX_PYTHON HISTORIES REQUESTS SEED`. Prints one line of JSON: how many requests there
were and how many a compacted journal holds. Ends with 1, and says which history it was, when the lakes differ.
"""

import hashlib
import io
import json
import os
import random
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

sys.path.insert(0, sys.argv[1])
os.environ["MOTO_ACCOUNT_ID"] = "000000000000"

from moto.backends import get_backend  # noqa: E402
from moto.core.config import default_user_config  # noqa: E402

import sandbox.gateway.control_plane as control_plane  # noqa: E402
import sandbox.store.determinism as determinism  # noqa: E402
import sandbox.store.journal as journals  # noqa: E402
import sandbox.store.journal_file as journal_file  # noqa: E402


journal_file.FEW = 1  # each start leaves an index to the next
default_user_config["lambda"] = {"use_docker": False}
determinism.install_determinism()
APP = control_plane.make_app()
SERVICES = ("s3", "awslambda", "glue", "iam")
XML = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def empty():
    for service in SERVICES:
        get_backend(service).reset()


class Client:
    def __init__(self, folder):
        self.journal = journals.Journal(APP, folder, APP.error, control_plane.PlainPuts)
        self.replayed = self.journal.replay()

    def ask(self, method, path, query="", body=b"", service="s3", **headers):
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "RAW_URI": path + ("?" + query if query else ""), "QUERY_STRING": query,
            "SCRIPT_NAME": "", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1:4",
            "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential=a/20260101/us-east-2/{service}/aws4_request, SignedHeaders=host, Signature=0",
            "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": headers.pop("kind", "application/octet-stream"),
            "wsgi.input": io.BytesIO(body), "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr, "wsgi.version": (1, 0),
            "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
            **{"HTTP_" + name.upper(): value for name, value in headers.items()},
        }
        head = []
        answer = b"".join(self.journal(environ, lambda status, found, exc=None: head.extend([status, dict(found)])))
        return int(head[0][:3]), head[1], answer


def code_zip(text):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("handler.py"), text)
    return out.getvalue()


def change(client, dice, state):
    """One random request."""
    bucket = dice.choice(["one", "two", "versioned"])
    key = dice.choice(["a", "b", "c d", "ñ/é+%", "part=1/x.parquet"])
    path = "/" + bucket + "/" + "".join(chr(byte) if chr(byte).isalnum() else f"%{byte:02X}" for byte in key.encode())
    content = bytes([dice.randrange(256)]) * dice.choice([0, 10, 1000, 70_000, 200_000])
    pick = dice.random()
    if pick < 0.34:
        return client.ask("PUT", path, body=content)
    if pick < 0.52:
        return client.ask("DELETE", path)
    if pick < 0.60:
        keys = "".join(f"<Object><Key>{name}</Key></Object>" for name in dice.sample(["a", "b", "c d", "nothing"], 2))
        return client.ask("POST", "/" + bucket, "delete=", f"<Delete {XML}>{keys}<Quiet>true</Quiet></Delete>".encode())
    if pick < 0.66:
        return client.ask("PUT", path, **{dice.choice(["if_none_match", "if_match"]): "*"}, body=content)
    if pick < 0.72:
        return client.ask("PUT", path, x_amz_copy_source=f"/{dice.choice(['one', 'two'])}/{dice.choice('ab')}")
    if pick < 0.76:
        tags = f"<Tagging {XML}><TagSet><Tag><Key>k</Key><Value>{dice.randrange(9)}</Value></Tag></TagSet></Tagging>"
        return client.ask("PUT", path, "tagging=", tags.encode())
    if pick < 0.82:
        status, _, answer = client.ask("POST", path, "uploads=")
        if status == 200:
            state.append((path, answer.split(b"<UploadId>")[1].split(b"<")[0].decode(), []))
        return status, {}, answer
    if pick < 0.93 and state:
        upload = dice.choice(state)
        path, number, parts = upload
        step = dice.random()
        if step < 0.5:
            content = bytes([dice.randrange(256)]) * dice.choice([5 << 20, 5 << 20, 70_000, 9])
            answer = client.ask("PUT", path, f"partNumber={len(parts) + 1}&uploadId={number}", content)
            parts.append((len(parts) + 1, answer[1].get("ETag", "")))
            return answer
        if step < 0.6:
            answer = client.ask("PUT", path, f"partNumber={len(parts) + 1}&uploadId={number}", x_amz_copy_source="/one/a")
            if answer[0] == 200:
                parts.append((len(parts) + 1, answer[2].split(b"<ETag>")[1].split(b"<")[0].decode().replace("&quot;", '"')))
            return answer
        state.remove(upload)
        if step < 0.7:
            return client.ask("DELETE", path, f"uploadId={number}")
        listed = "".join(f"<Part><PartNumber>{part}</PartNumber><ETag>{etag}</ETag></Part>" for part, etag in parts)
        return client.ask("POST", path, f"uploadId={number}", f"<CompleteMultipartUpload {XML}>{listed}</CompleteMultipartUpload>".encode())
    if pick < 0.95:
        name = f"f{dice.randrange(10 ** 6)}"
        role = "arn:aws:iam::000000000000:role/r"
        code = {"S3Bucket": "one", "S3Key": dice.choice(["code.zip", "a"])}
        body = {"FunctionName": name, "Runtime": "python3.13", "Role": role, "Handler": "handler.h", "Code": code}
        return client.ask("POST", "/2015-03-31/functions", body=json.dumps(body).encode(), service="lambda", kind="application/json")
    if pick < 0.97:
        return client.ask("PUT", "/one/code.zip", body=code_zip(str(dice.random()) + "x" * dice.choice([1, 100_000])))
    if pick < 0.98:
        return client.ask(dice.choice(["PUT", "DELETE"]), "/two")
    body = json.dumps({"DatabaseInput": {"Name": f"d{dice.randrange(10 ** 6)}"}}).encode()
    return client.ask("POST", "/", body=body, service="glue", kind="application/x-amz-json-1.1", x_amz_target="AWSGlue.CreateDatabase")


def lake():
    """All that is in moto, as far as these requests can reach."""
    found = {}
    s3 = get_backend("s3")["000000000000"]["aws"]
    for name, bucket in sorted(s3.buckets.items()):
        found[name] = str(bucket.creation_date)
        for key in sorted(bucket.keys):
            versions = []
            for version in bucket.keys.getlist(key):
                if type(version).__name__ == "FakeDeleteMarker":
                    versions.append(["deleted", version.version_id])
                    continue
                content = version.value
                versions.append([
                    version.etag, version.version_id, str(version.last_modified), version.size, hashlib.sha256(content).hexdigest(), len(content),
                    dict(version.metadata), s3.tagger.get_tag_dict_for_resource(version.arn), version.checksum_value,
                ])
            found[f"{name}/{key}"] = versions
        for number, upload in sorted(bucket.multiparts.items()):
            found[f"{name} {number}"] = [upload.key_name, [(part, upload.parts[part].etag, hashlib.sha256(upload.parts[part].value).hexdigest()) for part in upload.partlist]]
    functions = get_backend("lambda")["000000000000"]["us-east-2"]
    found["functions"] = sorted((function.function_name, function.code_sha_256, function.last_modified) for function in functions.list_functions())
    found["databases"] = sorted((name, str(database.created_time)) for name, database in get_backend("glue")["000000000000"]["us-east-2"].databases.items())
    return found


def history(seed, requests, folder):
    dice = random.Random(seed)
    empty()
    client = Client(folder / "live")
    client.ask("POST", "/", body=b"Action=CreateRole&RoleName=r&AssumeRolePolicyDocument=" + b"%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22lambda.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D",
               service="iam", kind="application/x-www-form-urlencoded")
    for bucket in ("one", "two", "versioned"):
        client.ask("PUT", "/" + bucket, body=f"<CreateBucketConfiguration {XML}><LocationConstraint>us-east-2</LocationConstraint></CreateBucketConfiguration>".encode())
    client.ask("PUT", "/versioned", "versioning=", f"<VersioningConfiguration {XML}><Status>Enabled</Status></VersioningConfiguration>".encode())
    client.ask("PUT", "/one/code.zip", body=code_zip("first"))
    state, statuses = [], {}
    for _ in range(requests):
        status = change(client, dice, state)[0]
        statuses[status] = statuses.get(status, 0) + 1
        assert status < 500, status
    was = lake()
    files = len(list((folder / "live" / "bodies").iterdir()))
    client.journal._out.close()
    results = {}
    for name in ("whole", "torn", "compacted", "compacted again"):
        source = folder / ("compacted" if name == "compacted again" else "live")
        if name != "compacted again":
            shutil.copytree(source, folder / name)
        if name == "torn":  # killed within the last write, and within the one before
            with open(folder / name / "journal.jsonl", "r+b") as file:
                file.seek(-journals.AFTERWARDS + 8, os.SEEK_END)
                file.write(b"{" * 20)
                file.seek(0, os.SEEK_END)
                file.write(b'{"n":')
        empty()
        compacted = journals.compacted
        if name == "whole":
            journals.compacted = lambda entries, content: entries
        again = Client(folder / ("compacted" if name == "compacted again" else name))
        journals.compacted = compacted
        again.journal._out.close()
        now = lake()
        assert now == was, (seed, name, {key: (was.get(key), now.get(key)) for key in {*was, *now} if was.get(key) != now.get(key)})
        results[name] = again.replayed
    assert results["compacted again"] <= results["compacted"] <= results["whole"], results
    return {**results, "files": files, "statuses": statuses}


def main():
    histories, requests, seed = (int(word) for word in sys.argv[2:5])
    total = {"whole": 0, "compacted": 0, "files": 0}
    statuses = {}
    for number in range(histories):
        with tempfile.TemporaryDirectory() as folder:
            result = history(seed + number, requests, Path(folder))
        total = {name: total[name] + result[name] for name in total}
        for status, count in result["statuses"].items():
            statuses[status] = statuses.get(status, 0) + count
    print(json.dumps({**total, "statuses": statuses}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
