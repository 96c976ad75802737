#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may ask what: signatures, roles, and where the keys come from."""

import json
import os
import random
import re
import shutil
import stat
import subprocess
import tempfile
import time

import tap

try:
    import botocore.auth
    import botocore.awsrequest
    import botocore.credentials
except ImportError:
    botocore = None

CLI = tap.CLI
OPEN = ["/TraceSegments", "/TelemetryRecords", "/GetSamplingRules", "/SamplingTargets"]


def operations():
    """Name and path of every operation of X-Ray."""
    with open(os.path.join(tap.DATA, "model", "xray-service-2.json")) as file:
        model = json.load(file)
    return [(name, each["http"]["requestUri"]) for name, each in model["operations"].items()]


def asked(collector, path, body=b"{}", method="POST", **more):
    status, headers, answer = collector.request(method, path, body, {"Content-Type": "application/json"} if body else {}, **more)
    return status, headers.get("x-amzn-errortype"), json.loads(answer).get("Message") or "", headers


def refused(status, kind):
    return status == 403 and kind in ("MissingAuthenticationTokenException", "AccessDeniedException", "UnrecognizedClientException")


def test_routes():
    """reading needs either key pair, changing the full one; sending and sampling need none"""
    with tap.Collector() as collector:
        assert len(operations()) == 38
        for name, path in operations():
            status, kind, message, headers = asked(collector, path, role=None)
            if path in OPEN:
                assert not refused(status, kind), (name, status, kind)
                continue
            tap.equal((status, kind), (403, "MissingAuthenticationTokenException"), name)
            assert f"export $(fluoroscope-cli --endpoint {collector.endpoint} credentials --format env)" in message, message
            assert "credential_process = " in message and name in message, message
            tap.equal(headers["x-fluoroscope-credentials"], collector.ready["credentials"])
            status, kind, message, _ = asked(collector, path, role="read")
            if name.startswith(("Create", "Update", "Delete", "Tag", "Untag", "PutEncryptionConfig", "PutResourcePolicy")):
                tap.equal((status, kind), (403, "AccessDeniedException"), name)
                assert "“read”" in message and f"xray:{name}" in message and "--role full" in message, message
            else:
                assert not refused(status, kind), (name, status, kind)
            assert not refused(*asked(collector, path)[:2]), name
        for path in ("/fluoroscope/v1/status", "/fluoroscope/v1/changes?after=0"):
            tap.equal(asked(collector, path, None, "GET", role=None)[0], 403, path)
            tap.equal(asked(collector, path, None, "GET", role="read")[0] in (200, 400), True, path)


def test_order():
    """what is wrong with a signature is told as AWS tells it, and in its order"""
    with tap.Collector() as collector:
        host = collector.ready["http"][0]
        keys = collector.keys["full"]
        now = time.time()

        def signed(**more):
            return tap.sign(keys, "POST", "/Groups", host, b"{}", **more)

        def changed(old, new, **more):
            headers = signed(**more)
            headers["Authorization"] = headers["Authorization"].replace(old, new)
            return headers

        good = signed()
        without = {name: value for name, value in good.items() if name != "X-Amz-Date"}
        signature = good["Authorization"][-64:]
        for name, headers, target, expected in [
                ("nothing", {}, "/Groups", ("MissingAuthenticationTokenException", "Missing Authentication Token")),
                ("header and query", good, "/Groups?X-Amz-Algorithm=AWS4-HMAC-SHA256", ("InvalidSignatureException", "exactly one")),
                ("another algorithm", changed("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"), "/Groups", ("IncompleteSignatureException", "algorithm")),
                ("basic", {"Authorization": "Basic eDp5"}, "/Groups", ("IncompleteSignatureException", "algorithm")),
                ("no equal sign", changed("SignedHeaders=", "SignedHeaders"), "/Groups", ("IncompleteSignatureException", "missing equal-sign")),
                ("no credential", changed("Credential=", "Credit="), "/Groups", ("IncompleteSignatureException", "'Credential'")),
                ("no signature", changed("Signature=" + signature, "X=1"), "/Groups", ("IncompleteSignatureException", "'Signature'")),
                ("no signed headers", changed("SignedHeaders=", "X="), "/Groups", ("IncompleteSignatureException", "'SignedHeaders'")),
                ("no date", without, "/Groups", ("IncompleteSignatureException", "'X-Amz-Date'")),
                ("host not signed", changed("host;", ""), "/Groups", ("InvalidSignatureException", "'Host'")),
                ("upper case", changed("host;", "Host;host;"), "/Groups", ("InvalidSignatureException", "lower case")),
                ("not sorted", changed("host;x-amz-date", "x-amz-date;host"), "/Groups", ("InvalidSignatureException", "sorted")),
                ("a header that isn't there", changed("host;", "aaa;host;"), "/Groups", ("InvalidSignatureException", "exactly once")),
                ("date not signed", changed(";x-amz-date", ""), "/Groups", ("InvalidSignatureException", "X-Amz-")),
                ("another date", {**good, "X-Amz-Date": "Tue, 24 Nov 2026 00:00:00 GMT"}, "/Groups", ("IncompleteSignatureException", "ISO-8601")),
                ("month 13", {**good, "X-Amz-Date": "20261324T000000Z"}, "/Groups", ("IncompleteSignatureException", "ISO-8601")),
                ("late", signed(now=now - 16 * 60), "/Groups", ("InvalidSignatureException", "Signature expired: ")),
                ("early", signed(now=now + 16 * 60), "/Groups", ("InvalidSignatureException", "Signature not yet current: ")),
                ("four parts", changed("/aws4_request", ""), "/Groups", ("IncompleteSignatureException", "5 slash-delimited")),
                ("no such region", signed(region="x.evil.com"), "/Groups", ("InvalidSignatureException", "region")),
                ("another service", signed(service="s3"), "/Groups", ("InvalidSignatureException", "'xray'")),
                ("another terminator", changed("aws4_request", "aws5_request"), "/Groups", ("InvalidSignatureException", "terminator")),
                ("another day", changed(f"/{good['X-Amz-Date'][:8]}/", "/20200101/"), "/Groups", ("InvalidSignatureException", "does not match YYYYMMDD")),
                ("a token", signed(headers=[("X-Amz-Security-Token", "x")]), "/Groups", ("UnrecognizedClientException", "security token")),
                ("unknown key", changed(keys[0], "AKIDEXAMPLE"), "/Groups", ("UnrecognizedClientException", "credentials --format env")),
                ("upper-case signature", changed(signature, signature.upper()), "/Groups", ("InvalidSignatureException", "does not match")),
                ("short signature", changed(signature, signature[:-1]), "/Groups", ("InvalidSignatureException", "does not match")),
                ("body not covered", signed(headers=[("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")]), "/Groups", ("InvalidSignatureException", "digest")),
                # Two at once: the one that AWS finds first.
                ("late and unknown", changed(keys[0], "AKIDEXAMPLE", now=now - 3600), "/Groups", ("InvalidSignatureException", "Signature expired")),
                ("unknown and too short", {**good, "Authorization": good["Authorization"].replace(keys[0], "AKIDEXAMPLE")[:-1]}, "/Groups",
                 ("UnrecognizedClientException", ""))]:
            status, kind, message, _ = asked_with(collector, target, headers)
            tap.equal((status, kind), (403, expected[0]), f"{name}: {message}")
            assert expected[1] in message, (name, message)
            assert len(message) < 1000 and "evil" not in message, message
        for skew in (-14 * 60, 0, 14 * 60):
            tap.equal(asked_with(collector, "/Groups", signed(now=now + skew))[0], 200, f"{skew} s")


def asked_with(collector, target, headers, body=b"{}"):
    return asked_raw(collector, "POST", target, {"Content-Type": "application/json", **headers}, body)


def asked_raw(collector, method, target, headers, body):
    status, answer_headers, answer = collector.request(method, target, body, headers, role=None)
    return status, answer_headers.get("x-amzn-errortype"), json.loads(answer or b"{}").get("Message") or "", answer_headers


def test_tampering():
    """any bit that is changed after signing makes the request refused"""
    numbers = random.Random(7)
    with tap.Collector() as collector:
        host = collector.ready["http"][0]
        body = b'{"NextToken":null}'
        given = {"Content-Type": "application/json", **tap.sign(collector.keys["read"], "POST", "/Groups", host, body,
                                                                headers=[("Content-Type", "application/json")])}
        tap.equal(asked_raw(collector, "POST", "/Groups", given, body)[0], 200)
        n = 0
        significant = re.compile(r"Credential=(\S+), SignedHeaders=(\S+), Signature=(\S+)")
        spans = [significant.search(given["Authorization"]).span(group) for group in (1, 2, 3)]
        for begin, end in spans:
            for position in range(begin, end):
                text = given["Authorization"]
                flipped = chr(ord(text[position]) ^ (1 << numbers.randrange(5)))
                if not " " < flipped <= "~":
                    continue
                status, kind, _, _ = asked_raw(collector, "POST", "/Groups", {**given, "Authorization": text[:position] + flipped + text[position + 1:]}, body)
                assert status == 403, (position, flipped, status, kind)
                n += 1
        for position in range(len(body)):
            flipped = body[:position] + bytes([body[position] ^ (1 << numbers.randrange(7))]) + body[position + 1:]
            tap.equal(asked_raw(collector, "POST", "/Groups", given, flipped)[0], 403, f"{flipped}")
            n += 1
        for position in range(16):
            text = given["X-Amz-Date"]
            flipped = text[:position] + chr(ord(text[position]) ^ 1) + text[position + 1:]
            tap.equal(asked_raw(collector, "POST", "/Groups", {**given, "X-Amz-Date": flipped}, body)[0], 403, flipped)
            n += 1
        tap.equal(asked_raw(collector, "POST", "/TraceSummaries", given, body)[0], 403, "another path")
        tap.equal(asked_raw(collector, "POST", "/Groups", {**given, "Content-Type": "application/json; charset=utf-8"}, body)[0], 403, "another type")
        print(f"# {n} changes of one bit, all refused")


def test_botocore():
    """what botocore signs, in headers and in URLs, is accepted; 200 random requests"""
    if botocore is None:
        raise tap.Skip("python3-botocore is not installed")
    numbers = random.Random(3)
    with tap.Collector() as collector:
        for i in range(200):
            role = numbers.choice(["read", "full"])
            credentials = botocore.credentials.Credentials(*collector.keys[role])
            headers = {"Content-Type": "application/json"}
            for k in range(numbers.randrange(4)):
                headers[f"X-Amz-Meta-{k}"] = "".join(numbers.choice(" abc\t,;='\u00e9") for _ in range(numbers.randrange(1, 12))).strip() or "x"
            body = json.dumps({"NextToken": None, "Text": "\u00e9" * numbers.randrange(50)})
            url = collector.endpoint + "/Groups"
            headers = {name: value.encode("ascii", "replace").decode() for name, value in headers.items()}
            request = botocore.awsrequest.AWSRequest("POST", url, headers=headers, data=body)
            if i % 4 == 0:
                url = collector.endpoint + "/fluoroscope/v1/changes"
                request = botocore.awsrequest.AWSRequest("GET", url, params={"after": "0", "x y": "a/b+c %\u00e9", "b": ""})
                botocore.auth.SigV4QueryAuth(credentials, "xray", "eu-central-1", expires=60).add_auth(request)
                prepared = request.prepare()
                collector.put(tap.segment())
                target = prepared.url[len(collector.endpoint):]
                status, kind, message, _ = asked_raw(collector, "GET", target, {}, None)
                tap.equal(status, 200, f"{target}: {message}")
                status = asked_raw(collector, "GET", target.replace("after=0", "after=1"), {}, None)[0]
                tap.equal(status, 403, "another query")
                continue
            botocore.auth.SigV4Auth(credentials, "xray", numbers.choice(["us-east-1", "eu-central-1", "local"])).add_auth(request)
            prepared = request.prepare()
            status, kind, message, _ = asked_raw(collector, "POST", "/Groups", dict(prepared.headers.items()), body.encode())
            tap.equal(status, 200, f"{prepared.headers}: {message}")


def test_presigned():
    """a presigned URL ends when it says, and says how long within a week"""
    if botocore is None:
        raise tap.Skip("python3-botocore is not installed")
    with tap.Collector() as collector:
        collector.put(tap.segment())

        def ask(expires, change=lambda target: target):
            request = botocore.awsrequest.AWSRequest("GET", collector.endpoint + "/fluoroscope/v1/status")
            botocore.auth.SigV4QueryAuth(botocore.credentials.Credentials(*collector.keys["read"]), "xray", "us-east-1", expires=expires).add_auth(request)
            return asked_raw(collector, "GET", change(request.prepare().url[len(collector.endpoint):]), {}, None)

        tap.equal(ask(604800)[0], 200)
        for expires in (0, -1, 604801, 10 ** 30):
            tap.equal(ask(expires)[1], "IncompleteSignatureException", str(expires))
        day = time.strftime("%Y%m%d", time.gmtime(time.time() - 86400))
        today = time.strftime("%Y%m%d", time.gmtime())
        status, kind, message, _ = ask(60, lambda target: target.replace(today, day))
        tap.equal((status, kind, message), (403, "InvalidSignatureException", "Request has expired"))
        tap.equal(ask(60, lambda target: target.replace("AWS4-HMAC-SHA256", "AWS4"))[1], "MissingAuthenticationTokenException")
        tap.equal(ask(60, lambda target: target + "&x=%2")[0], 400)
        tap.equal(ask(60, lambda target: target + "&x=1")[0], 403)
        tap.equal(ask(60, lambda target: re.sub("X-Amz-Expires=60&", "", target))[1], "IncompleteSignatureException")


def test_aws_cli():
    """the AWS CLI works with exported keys and with a profile, and is told what to do without"""
    if not shutil.which("aws"):
        raise tap.Skip("awscli is not installed")
    with tap.Collector() as collector:
        variables = {**tap.environment(collector.home), "AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": "us-east-1"}
        cli = f"{CLI} --endpoint {collector.endpoint} credentials"

        def shell(script):
            return subprocess.run(["sh", "-c", script], env=variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=tap.PATIENCE, check=False)

        at = f"aws --endpoint-url {collector.endpoint} --output json xray"
        done = shell(f"export $({cli} --format env --role read); {at} get-groups; {at} create-group --group-name x")
        assert '"GroupName": "Default"' in done.stdout and "AccessDeniedException" in done.stdout, done.stdout
        done = shell(f"mkdir -p $HOME/.aws; {cli} --format profile > $HOME/.aws/config; aws --profile fluoroscope --endpoint-url {collector.endpoint} xray get-groups")
        tap.equal(done.returncode, 0, done.stdout)
        done = shell(f"AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=x {at} get-groups")
        assert "UnrecognizedClientException" in done.stdout and "fluoroscope-cli" in done.stdout, done.stdout


def test_file():
    """the keys are made once, for the user alone; a file that others could read is replaced"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    try:
        collector = tap.Collector(home=home)
        path, first = collector.ready["credentials"], collector.keys
        tap.equal(path, os.path.join(home, "data", "fluoroscope", "credentials"))
        tap.equal(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        tap.equal(sorted(first), ["full", "read"])
        assert len({key for pair in first.values() for key in pair}) == 4
        assert all(re.fullmatch(r"FLUO[A-Z]{4}[A-Z2-7]{12}", key) and re.fullmatch(r"[A-Za-z0-9]{40}", secret) for key, secret in first.values()), first
        collector.stop()
        collector = tap.Collector(home=home)
        tap.equal(collector.keys, first, "the same after a restart")
        collector.stop()
        secrets = [secret for _, secret in first.values()]
        said = collector.read_log()
        assert not any(secret in said for secret in secrets), "a secret in the log"
        for spoil in (lambda: os.chmod(path, 0o644), lambda: open(path, "w").close(), lambda: open(path, "w").write("[full]\nx"),
                      lambda: open(path, "wb").write(bytes(range(256)) * 300)):
            spoil()
            collector = tap.Collector(home=home)
            assert "credentials.old" in collector.read_log(), collector.read_log()
            assert not {pair[0] for pair in collector.keys.values()} & {pair[0] for pair in first.values()}
            tap.equal(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            collector.stop()
        # Nobody follows a link or takes keys of AWS from it.
        os.unlink(path)
        os.symlink("/etc/passwd", path)
        collector = tap.Collector(home=home)
        assert not os.path.islink(path)
        collector.stop()
    finally:
        shutil.rmtree(home)


def test_client_is_careful():
    """our own client shows keys of AWS to nobody who names a file, and reads only files of its user"""
    import http.server
    import threading

    seen = []
    home = tempfile.mkdtemp(prefix="fluo-service-")
    named = [os.path.join(home, "credentials")]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.headers.get("Authorization"))
            self.send_response(403)
            self.send_header("x-amzn-errortype", "MissingAuthenticationTokenException")
            self.send_header("x-fluoroscope-credentials", named[0])
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *unused):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        good = "[full]\naws_access_key_id = FLUOFULLAAAAAAAAAAAA\naws_secret_access_key = x\n"
        for text, mode, name, signs in [
                (good, 0o600, named[0], True),
                (good.replace("FLUOFULL", "AKIAFULL"), 0o600, named[0], False),
                (good, 0o640, named[0], False),
                (good, 0o600, os.path.join(home, "other"), False),
                (good, 0o600, "credentials", False),
                (good, 0o600, home, False),
                (good, 0o600, "/dev/zero", False)]:
            for old in ("credentials", "other"):
                path = os.path.join(home, old)
                with open(path, "w") as file:
                    file.write(text)
                os.chmod(path, mode)
            named[0] = name
            seen.clear()
            subprocess.run([CLI, "--endpoint", f"http://127.0.0.1:{server.server_port}", "status"], env=tap.environment(home), cwd=home,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=tap.PATIENCE, check=False)
            tap.equal([bool(each) for each in seen], [False, True] if signs else [False], f"{name} {oct(mode)} {text[:40]}")
    finally:
        server.shutdown()
        server.server_close()
        shutil.rmtree(home)


def test_none():
    """--auth=none asks for nothing, and says so loudly"""
    with tap.Collector(arguments=["--auth=none"]) as collector:
        tap.equal(collector.ready["credentials"], None)
        assert "--auth=none" in collector.read_log(), collector.read_log()
        tap.equal(asked(collector, "/Groups", role=None)[0], 200)
        tap.equal(collector.status()["Auth"], "none")
        assert not os.path.exists(os.path.join(collector.home, "data", "fluoroscope", "credentials"))
        said = subprocess.run([CLI, "--endpoint", collector.endpoint, "credentials"], env=tap.environment(collector.home), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=tap.PATIENCE, check=True)
        assert "checks no signatures" in said.stderr and "AccessKeyId" in said.stdout, said
        # Web pages are kept out all the same.
        tap.equal(collector.request("POST", "/Groups", b"{}", {"Content-Type": "application/json", "Origin": "http://localhost"}, role=None)[0], 403)
    with tap.Collector() as collector:
        tap.equal(collector.status()["Auth"], "sigv4")
    result = subprocess.run([tap.BINARY, "--auth", "basic"], env=tap.environment("/nonexistent"), text=True, stderr=subprocess.PIPE, timeout=tap.PATIENCE, check=False)
    tap.equal(result.returncode, 64)
    assert "“basic”" in result.stderr, result.stderr


if __name__ == "__main__":
    tap.run([test_routes, test_order, test_tampering, test_botocore, test_presigned, test_aws_cli, test_file, test_client_is_careful, test_none])
