"""Random uploads, each done by the sandbox's short way and by moto's: the same object and the same answer.

Usage: `python puts.py FOLDER_OF_SANDBOX_PYTHON REQUESTS SEED`. Prints how many of them went the short way; ends with 1, and says
which request it was, when the two differ.
"""

import io
import os
import random
import sys

sys.path.insert(0, sys.argv[1])
os.environ["MOTO_ACCOUNT_ID"] = "000000000000"

# The control plane sets moto up before it is loaded.
import sandbox.gateway.control_plane as control_plane  # noqa: E402
import sandbox.services.s3.plain_uploads as puts  # noqa: E402
import sandbox.store.determinism as determinism  # noqa: E402
from moto.backends import get_backend  # noqa: E402
from moto.moto_api._internal import mock_random  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402


determinism.install_determinism()
MOTO = DomainDispatcherApplication(create_backend_app)
S3 = get_backend("s3")["000000000000"]["aws"]
IAM = get_backend("iam")["000000000000"]["aws"]
IAM.create_user("us-east-2", "user", "/", {})
KEY = IAM.create_access_key("user", prefix="AKIA")
XML = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def request(method, path, query="", body=b"", **headers):
    return {
        "REQUEST_METHOD": method, "PATH_INFO": path, "RAW_URI": path + ("?" + query if query else ""), "QUERY_STRING": query,
        "SCRIPT_NAME": "", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1:4",
        "HTTP_AUTHORIZATION": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-2/s3/aws4_request, SignedHeaders=host, Signature=0",
        "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False, **headers,
    }


def ask(app, *args, **kwargs):
    head = []
    chunks = app(request(*args, **kwargs), lambda status, headers, exc=None: head.extend([status, headers]))
    answer = b"".join(chunks)
    return head[0], {name.lower(): value for name, value in head[1] if name.lower() != "x-amzn-requestid"}, answer


#: What a client may say, and the bucket may be set to; some of it a plain upload does not have.
HEADERS = {
    "CONTENT_TYPE": ["", "text/csv", "application/octet-stream", "application/x-www-form-urlencoded", "Text/Plain; charset=utf-8"],
    "HTTP_X_AMZ_CONTENT_SHA256": ["UNSIGNED-PAYLOAD", "0" * 64, ""],
    "HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM": ["CRC32", "SHA256", "crc32"],
    "HTTP_X_AMZ_CHECKSUM_CRC32": ["jNx2ZQ=="],
    "HTTP_USER_AGENT": ["aws-sdk-js/3 ua/2.1", "aws-cli/2 region/eu-west-1"],
    "HTTP_AMZ_SDK_REQUEST": ["attempt=1; max=1"],
    "HTTP_X_AMZ_SECURITY_TOKEN": ["token"],
    "HTTP_EXPECT": ["100-continue"],
    "HTTP_X_AMZ_META_OWNER": ["somebody"],
    "HTTP_X_AMZ_STORAGE_CLASS": ["GLACIER"],
    "HTTP_X_AMZ_TAGGING": ["a=1"],
    "HTTP_X_AMZ_ACL": ["public-read"],
    "HTTP_CACHE_CONTROL": ["no-store"],
    "HTTP_IF_NONE_MATCH": ["*"],
    "HTTP_X_AMZ_SERVER_SIDE_ENCRYPTION": ["AES256"],
    "HTTP_HOST": ["localhost:4", "some.s3.amazonaws.com"],
}
SETTINGS = {
    "versioning": f"<VersioningConfiguration {XML}><Status>Enabled</Status></VersioningConfiguration>",
    "encryption": f"<ServerSideEncryptionConfiguration {XML}><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
    "policy": '{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::some/no/*"}]}',
    "acl": f'<AccessControlPolicy {XML}><Owner><ID>o</ID></Owner><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>',
}


def lake():
    found = []
    bucket = S3.buckets.get("some")
    for name in sorted(bucket.keys if bucket else ()):
        for key in bucket.keys.getlist(name):
            state = {field: value for field, value in vars(key).items() if field not in ("lock", "_value_buffer", "acl", "_version_id", "_time_progressed")}
            found.append([name, bytes(key.value), key.version_id, key.acl and [str(grant) for grant in key.acl.grants], S3.tagger.tags.get(key.arn), state])
    return [*found, str(KEY.last_used and vars(KEY.last_used))]


def done(app, setting, words):
    S3.reset()
    KEY.last_used = None
    determinism._thread.time = 1_790_000_000.25
    mock_random.seed(7)
    ask(MOTO, "PUT", "/some", body=f"<CreateBucketConfiguration {XML}><LocationConstraint>us-east-2</LocationConstraint></CreateBucketConfiguration>".encode())
    if setting:
        assert ask(MOTO, "PUT", "/some", f"{setting}=", SETTINGS[setting].encode())[0][:2] == "20", setting
    answers = []
    for path, query, body, headers in words:
        mock_random.seed(9)
        if headers.pop("known", False):
            headers = {**headers, "HTTP_AUTHORIZATION": request("PUT", "/")["HTTP_AUTHORIZATION"].replace("AKIAIOSFODNN7EXAMPLE", KEY.access_key_id)}
        answers.append(ask(app, "PUT", path, query, body, **headers))
    return answers, lake()


def main():
    requests, seed = int(sys.argv[2]), int(sys.argv[3])
    passed_on = [0]

    def counting(*args):
        passed_on[0] += 1
        return MOTO(*args)

    for number in range(requests):
        dice = random.Random(seed + number)
        words = []
        for _ in range(2):
            path = dice.choice(["/some/a", "/some/a", "/some/b%20c%2Bd/%C3%B1", "/some/no/x", "/some/folder/", "/none/a", "/some//a", "//some/a"])
            headers = {name: dice.choice(values) for name, values in HEADERS.items() if dice.random() < 0.12}
            if dice.random() < 0.3:
                headers["known"] = True
            words.append((path, dice.choice(["", "", "x-id=PutObject", "x-id=PutObject&partNumber=1", "tagging"]), dice.choice([b"", b"x", b"a=b" * 9]), headers))
        setting = dice.choice([None, None, None, *SETTINGS])
        copies = [[(path, query, body, dict(headers)) for path, query, body, headers in words] for _ in range(2)]
        short, whole = done(control_plane.Answering(puts.PlainPuts(counting)), setting, copies[0]), done(control_plane.Answering(MOTO), setting, copies[1])
        assert short == whole, (seed + number, setting, words, *[each for pair in zip(short, whole) for each in pair])
    print(2 * requests - passed_on[0], flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
