#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""--relay: what is stored here arrives at AWS too, once, or is counted, whatever AWS and the network do."""

import contextlib
import datetime
import email.utils
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

import fake_aws
import tap
from fake_aws import answer


def write_account(home, keys):
    os.makedirs(f"{home}/.aws", exist_ok=True)
    with open(f"{home}/.aws/new", "w") as file:
        file.write("[default]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n".format(*keys))
    os.rename(f"{home}/.aws/new", f"{home}/.aws/credentials")
    with open(f"{home}/.aws/config", "w") as file:
        file.write(f"[default]\nregion = {fake_aws.REGION}\n")


@contextlib.contextmanager
def relaying(*arguments, keys=fake_aws.KEYS, account=fake_aws.KEYS, behave=None, **variables):
    """A stand-in for AWS, and a collector that passes everything on to it."""
    home = tempfile.mkdtemp(prefix="fluo-relay-")
    try:
        with fake_aws.Aws(keys) as aws:
            aws.behave = behave
            if account:
                write_account(home, account)
            prefix = ["env", *(f"{name}={value}" for name, value in variables.items())]
            with tap.Collector(home, ["--relay", "--relay-endpoint", aws.url, "--local-mode", *arguments], prefix) as collector:
                yield aws, collector
                aws.go_on.set()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def relay(collector):
    """The relay's part of the status; every document is accounted for at every moment."""
    values = collector.status()["Relay"]
    known = (values["Sent"] + values["Waiting"] + sum(values["Unprocessed"].values())
             + sum(reason["Count"] for reason in values["Dropped"].values()))
    tap.equal(values["Accepted"], known, f"accepted = sent + waiting + unprocessed + dropped in {values}")
    assert values["WaitingBytes"] <= values["BufferBytes"], values
    return values


def settled(collector, n):
    """When nothing waits any more of @n documents."""
    return tap.wait_until(lambda: (lambda now: now["Accepted"] == n and now["Waiting"] == 0 and now)(relay(collector)),
                          f"{n} documents are settled")


def put(collector, n, **more):
    """Stores @n documents and gives their ids."""
    documents = [tap.segment(**more) for _ in range(n)]
    for i in range(0, n, 50):
        tap.equal(collector.put(*documents[i:i + 50])["UnprocessedTraceSegments"], [])
    return [document["id"] for document in documents]


def test_everything():
    """all that is stored arrives once, signed, in batches of at most 50, and stays here too"""
    with relaying() as (aws, collector):
        ids = put(collector, 120)
        for _ in range(30):
            document = tap.segment()
            collector.datagram(tap.HEADER + json.dumps(document).encode())
            ids.append(document["id"])
        collector.put("not JSON", tap.segment(id="bad"))
        again = tap.segment()
        collector.put(again)
        collector.put(again)
        ids.append(again["id"])
        values = settled(collector, len(ids))
        tap.equal(values["Sent"], len(ids))
        tap.equal(sorted(aws.ids()), sorted(ids), "arrived")
        tap.equal(aws.bad_signatures, [])
        assert max(aws.batches) <= 50, aws.batches
        tap.equal((values["Region"], values["Endpoint"], values["LastError"]), (fake_aws.REGION, aws.url, None))
        assert values["LastSent"] and "default" in values["Credentials"], values
        status = collector.status()
        tap.equal((status["Stored"], status["Refused"]["Duplicate"]["Count"]), (len(ids), 1))
        headers = aws.of("/TraceSegments")[0][1]
        assert "secret" not in str(headers) and "secret" not in collector.read_log()


def test_same_text():
    """a document arrives byte by byte as it was sent"""
    with relaying() as (aws, collector):
        document = json.dumps(tap.segment(name="bücher \"&\" \\", metadata={"a": {"b": "\u20ac\n\t"}}), indent=3, ensure_ascii=False)
        collector.put(document)
        settled(collector, 1)
        tap.equal(aws.of("/TraceSegments")[0][0]["TraceSegmentDocuments"], [document])


def test_failures():
    """throttling, server errors, broken answers and a wrong clock are got over"""
    told = [answer(429, kind="ThrottledException"), answer(503), answer(500, kind="InternalFailure"), (200, {}, b"<html>"),
            answer(403, kind="InvalidSignatureException", Date=email.utils.formatdate(time.time() + 3600, usegmt=True))]

    def behave(path, body, headers):
        return told.pop() if told and path == "/TraceSegments" else None

    with relaying(behave=behave) as (aws, collector):
        ids = put(collector, 70)
        values = settled(collector, 70)
        tap.equal(values["Sent"], 70)
        tap.equal(sorted(aws.ids()), sorted(ids))
        tap.equal(values["Failures"], {"HTTPCode4XX": 2, "HTTPCode5XX": 2, "Other": 1})
        tap.equal(values["LastError"], None)
        stamp = aws.of("/TraceSegments")[-1][1]["X-Amz-Date"]
        assert stamp > time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() + 3000)), "signed with AWS's clock"


def test_unprocessed():
    """documents that AWS refuses are counted under AWS's code, passing ones sent again"""
    codes = {}
    seen = set()

    with relaying() as (aws, collector):
        documents = [tap.segment() for _ in range(40)]
        codes.update({document["id"]: "InvalidSegment" for document in documents[:3]})
        codes[documents[3]["id"]] = "Code with <blanks> that is far too long to be shown anywhere, really"
        codes[documents[4]["id"]] = "ThrottledException"

        def refuse(document):
            first = document["id"] not in seen
            seen.add(document["id"])
            code = codes.get(document["id"])
            return code if code != "ThrottledException" or first else None

        aws.behave = lambda path, body, headers: aws.take(body["TraceSegmentDocuments"], refuse) if path == "/TraceSegments" else None
        collector.put(*documents)
        values = settled(collector, 40)
        tap.equal(values["Sent"], 36)
        tap.equal(values["Unprocessed"]["InvalidSegment"], 3)
        tap.equal(len(values["Unprocessed"]), 2)
        assert not any("<" in code or len(code) > 40 for code in values["Unprocessed"]), values
        tap.equal(sorted(aws.ids()), sorted(document["id"] for document in documents[4:]))


def test_refused_batch():
    """one document for which AWS refuses whole requests takes no other with it"""
    with relaying() as (aws, collector):
        documents = [tap.segment() for _ in range(50)]
        poison = documents[17]["id"]

        def behave(path, body, headers):
            if path == "/TraceSegments" and any(poison in text for text in body["TraceSegmentDocuments"]):
                return answer(400, kind="InvalidRequestException")
            return None

        aws.behave = behave
        collector.put(*documents)
        values = settled(collector, 50)
        tap.equal({word: reason["Count"] for word, reason in values["Dropped"].items()}, {"Refused": 1})
        tap.equal(sorted(aws.ids()), sorted(document["id"] for document in documents if document["id"] != poison))


def test_restart():
    """what came while AWS could not be reached arrives when it can be"""
    with relaying() as (aws, collector):
        ids = put(collector, 10)
        settled(collector, 10)
        aws.stop()
        ids += put(collector, 60)
        values = tap.wait_until(lambda: (lambda now: now["LastError"] and now)(relay(collector)), "the failure shows")
        tap.equal(values["Waiting"], 60)
        aws.start()
        settled(collector, 70)
        tap.equal(sorted(aws.ids()), sorted(ids))
        log = collector.read_log()
        assert log.count("relay:") == 2 and "takes documents again" in log, log


def test_credentials():
    """keys that expired are read again from the files, and none at the start may come later"""
    later = ("AKIDLATER", "another+secret", "token-2")
    for account in (fake_aws.KEYS, None):
        def behave(path, body, headers):
            return answer(403, kind="ExpiredTokenException") if headers.get("X-Amz-Security-Token") == "token-1" else None

        with relaying("--region", fake_aws.REGION, keys=later, account=account, behave=behave) as (aws, collector):
            ids = put(collector, 20)
            values = tap.wait_until(lambda: (lambda now: now["LastError"] and now)(relay(collector)), "the failure shows")
            assert "expired" in values["LastError"] or "credentials" in values["LastError"], values
            tap.equal(values["Waiting"], 20)
            write_account(collector.home, later)
            settled(collector, 20)
            tap.equal(sorted(aws.ids()), sorted(ids))
            tap.equal(aws.bad_signatures, [])


def test_overflow():
    """the buffer is bounded, the oldest go first, and every one of them is counted"""
    with relaying("--buffer-memory", "3") as (aws, collector):
        aws.go_on.clear()
        ids = put(collector, 100, metadata={"a": "x" * 50000})
        values = relay(collector)
        tap.equal(values["Accepted"], 100)
        dropped = values["Dropped"]["BufferFull"]["Count"]
        size = values["WaitingBytes"] // values["Waiting"]
        assert size > 50000 and values["WaitingBytes"] + size > values["BufferBytes"], f"it is full: {values}"
        aws.go_on.set()
        values = settled(collector, 100)
        tap.equal((values["Sent"], values["Dropped"]["BufferFull"]["Count"]), (100 - dropped, dropped))
        arrived = aws.ids()
        tap.equal(len(arrived), len(set(arrived)))
        tap.equal(len(arrived), values["Sent"])
        assert set(ids[-10:]) <= set(arrived), "the newest were kept"
        tap.equal(collector.status()["Stored"], 100, "all of them are here")


def test_hanging():
    """while AWS hangs all datagrams are stored, and the end is not held up"""
    with relaying() as (aws, collector):
        aws.go_on.clear()
        host, _, port = collector.ready["udp"][0].rpartition(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for i in range(3000):
                sender.sendto(tap.HEADER + json.dumps(tap.segment()).encode(), (host, int(port)))
                if i % 200 == 199:  # a socket's buffer holds no more on some machines
                    tap.wait_until(lambda n=i + 1: collector.status()["Received"] >= n, "received")
        status = tap.wait_until(lambda: (lambda now: now["Stored"] == 3000 and now)(collector.status()), "stored")
        tap.equal(status["Refused"], {})
        tap.equal(relay(collector)["Accepted"], 3000)
        tap.equal(collector.stop(), 0, "the end is bounded")
        log = collector.read_log()
        assert "3000 documents were not passed on" in log and "0 of 3000 documents sent" in log, log


def test_end():
    """at the end what waits is sent, and a record of telemetry with it"""
    with relaying("--resource-arn", "arn:aws:ec2:eu-west-1:1:instance/i-1") as (aws, collector):
        ids = put(collector, 3)
        tap.equal(collector.stop(), 0)
        tap.equal(sorted(aws.ids()), sorted(ids))
        [(body, _)] = aws.of("/TelemetryRecords")
        [record] = body["TelemetryRecords"]
        tap.equal((record["SegmentsReceivedCount"], record["SegmentsSentCount"], record["SegmentsSpilloverCount"],
                   record["SegmentsRejectedCount"]), (3, 3, 0, 0))
        assert abs(record["Timestamp"] - time.time()) < 600, record
        tap.equal(sum(record["BackendConnectionErrors"].values()), 0)
        tap.equal(body["ResourceARN"], "arn:aws:ec2:eu-west-1:1:instance/i-1")
        assert "Hostname" not in body, body
        assert "3 of 3 documents sent" in collector.read_log()


def test_sampling():
    """sampling rules and targets are AWS's, unless they shall be local; without AWS there are none"""
    rules = {"SamplingRuleRecords": [], "NextToken": None, "Of": "AWS"}

    def behave(path, body, headers):
        return answer(200, rules) if path == "/GetSamplingRules" else None

    with relaying(behave=behave) as (aws, collector):
        status, _, text = collector.request("POST", "/GetSamplingRules", b"{}", role=None)
        tap.equal((status, json.loads(text)), (200, rules))
        question = {"SamplingStatisticsDocuments": [{"RuleName": "Default", "ClientID": "0" * 24, "Timestamp": 1790000000,
                                                     "RequestCount": 1, "SampledCount": 1, "BorrowCount": 0}]}
        status, _, _ = collector.request("POST", "/SamplingTargets", question, role=None)
        tap.equal(status, 200)
        tap.equal(aws.of("/SamplingTargets")[0][0], question)
        tap.equal(aws.bad_signatures, [])
        aws.behave = lambda path, body, headers: answer(429, kind="ThrottledException")
        status, headers, _ = collector.request("POST", "/GetSamplingRules", b"{}", role=None)
        tap.equal((status, headers["x-amzn-errortype"]), (429, "ThrottledException"))
        aws.stop()
        status, headers, _ = collector.request("POST", "/GetSamplingRules", b"{}", role=None)
        tap.equal((status, headers["x-amzn-errortype"]), (503, "ServiceUnavailable"))
        assert headers["retry-after"], headers
    with relaying("--relay-sampling", "local", behave=behave) as (aws, collector):
        tap.equal([record["SamplingRule"]["RuleName"] for record in collector.call("/GetSamplingRules")["SamplingRuleRecords"]],
                  ["Default"])
        tap.equal(aws.of("/GetSamplingRules"), [])


def test_sampling_at_the_end():
    """a question that AWS does not answer does not hold up the end"""
    with relaying() as (aws, collector):
        aws.go_on.clear()
        with socket.create_connection((collector.host, collector.port)) as connection:
            connection.sendall(f"POST /GetSamplingRules HTTP/1.1\r\nHost: {collector.ready['http'][0]}\r\n"
                               "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}".encode())
            tap.wait_until(lambda: aws.of("/GetSamplingRules"), "AWS is asked")
            tap.equal(collector.stop(), 0)


def test_ec2():
    """on EC2 the region comes from the instance's metadata, with a token"""
    home = tempfile.mkdtemp(prefix="fluo-relay-")
    try:
        with fake_aws.Aws() as aws:
            def behave(path, body, headers):
                if path == "/latest/api/token":
                    return 200, {}, b"a-token"
                if path == "/latest/meta-data/placement/region" and headers.get("x-aws-ec2-metadata-token") == "a-token":
                    return 200, {}, fake_aws.REGION.encode()
                return None

            aws.behave = behave
            write_account(home, fake_aws.KEYS)
            os.unlink(f"{home}/.aws/config")
            prefix = ["env", f"AWS_EC2_METADATA_SERVICE_ENDPOINT={aws.url}"]
            with tap.Collector(home, ["--relay", "--relay-endpoint", aws.url], prefix) as collector:
                tap.equal(relay(collector)["Region"], fake_aws.REGION)
                put(collector, 1)
                settled(collector, 1)
    finally:
        shutil.rmtree(home, ignore_errors=True)


ROLE = "arn:aws:iam::111122223333:role/traces"


@contextlib.contextmanager
def with_role(*arguments, lifetime=3600, deny=False, **variables):
    """A collector that assumes a role at a stand-in for STS."""
    with fake_aws.Sts(lifetime=lifetime) as sts:
        sts.deny = deny
        with relaying("--region", fake_aws.REGION, *arguments, AWS_ENDPOINT_URL_STS=sts.url, **variables) as (aws, collector):
            yield aws, sts, collector


def test_role():
    """with --role-arn documents go out with the role's keys, got once for all requests, as botocore would ask for them"""
    with with_role("--role-arn", ROLE) as (aws, sts, collector):
        tap.wait_until(lambda: sts.given, "the role is assumed before anything is sent")
        aws.keys = sts.given[0]
        ids = put(collector, 400)
        values = settled(collector, 400)
        tap.equal(sorted(aws.ids()), sorted(ids))
        tap.equal((len(sts.forms), sts.bad_signatures, aws.bad_signatures), (1, [], []))
        assert ROLE in values["Credentials"], values
        session = sts.forms[0].pop("RoleSessionName")
        assert session.startswith("fluoroscope-"), session
        tap.equal(sts.forms[0], {"Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": ROLE})
        log = collector.read_log()
        for secret in (*sts.given[0][1:], fake_aws.KEYS[1]):
            assert secret not in log, log
        import botocore.session
        client = botocore.session.Session().create_client(
            "sts", fake_aws.REGION, endpoint_url=sts.url, aws_access_key_id=fake_aws.KEYS[0],
            aws_secret_access_key=fake_aws.KEYS[1], aws_session_token=fake_aws.KEYS[2])
        given = client.assume_role(RoleArn=ROLE, RoleSessionName=session)
        tap.equal(given["Credentials"]["AccessKeyId"], "ASIA2", "botocore understands the stand-in")
        tap.equal(sts.forms[1], {**sts.forms[0], "RoleSessionName": session})


def test_role_of_profile():
    """a profile that names a role is one too, and --role-arn comes after it"""
    config = tempfile.NamedTemporaryFile("w")
    config.write(f"[profile work]\nregion = {fake_aws.REGION}\nrole_arn = {ROLE}-1\nsource_profile = default\nexternal_id = shared\n")
    config.flush()
    with with_role("--role-arn", ROLE, AWS_PROFILE="work", AWS_CONFIG_FILE=config.name) as (aws, sts, collector):
        log = tap.wait_until(lambda: sts.bad_signatures or relay(collector)["LastError"], "the second role is asked for")
        # The stand-in knows no keys but the first ones, so it refuses those that it gave out for the first role.
        assert log, log
        tap.equal(sts.forms[0]["ExternalId"], "shared")
        tap.equal([form["RoleArn"] for form in sts.forms[:2]], [ROLE + "-1", ROLE])
        assert "keys of ASIA1" in sts.bad_signatures[0], sts.bad_signatures


def test_role_of_command_line():
    """fluoroscope-cli asks AWS with a role's keys, gives them out with their end, and says why a role can't be had"""
    home = tempfile.mkdtemp(prefix="fluo-relay-")

    def run(*arguments):
        return subprocess.run([tap.CLI, "--profile", "work", *arguments], env=tap.environment(home), capture_output=True, text=True,
                              timeout=tap.PATIENCE)

    try:
        with fake_aws.Sts() as sts, fake_aws.Aws() as aws:
            write_account(home, fake_aws.KEYS)
            with open(f"{home}/.aws/config", "a") as file:
                file.write(f"[profile work]\nregion = {fake_aws.REGION}\nrole_arn = {ROLE}\nsource_profile = default\nservices = here\n"
                           f"[services here]\nsts =\n  endpoint_url = {sts.url}\nxray =\n  endpoint_url = {aws.url}\n")
            aws.behave = lambda path, body, headers: answer(200, {"TraceSummaries": [], "NextToken": None, "TracesProcessedCount": 0})
            done = run("traces")
            tap.equal(done.returncode, 0, done.stderr)
            [(_, headers)] = aws.of("/TraceSummaries")
            tap.equal(headers["X-Amz-Security-Token"], sts.given[0][2])
            keys = json.loads(run("credentials", "--format", "process").stdout)
            left = datetime.datetime.fromisoformat(keys.pop("Expiration").replace("Z", "+00:00")).timestamp() - time.time()
            assert 3000 < left <= 3600, left
            tap.equal(keys, dict(zip(("AccessKeyId", "SecretAccessKey", "SessionToken"), sts.given[1]), Version=1))
            assert "AWS_CREDENTIAL_EXPIRATION=2" in run("credentials", "--format", "env").stdout
            sts.deny = True
            done = run("traces")
            assert done.returncode == 5 and ROLE in done.stderr and "AccessDenied" in done.stderr, done
    finally:
        shutil.rmtree(home, ignore_errors=True)


def test_role_refused():
    """a role that may not be assumed is told, nothing goes out with other keys, and it is tried again"""
    with with_role("--role-arn", ROLE, deny=True) as (aws, sts, collector):
        ids = put(collector, 20)
        values = tap.wait_until(lambda: (lambda now: now["LastError"] and now["Waiting"] == 20 and now)(relay(collector)), "the failure shows")
        assert ROLE in values["LastError"] and "denied" in values["LastError"], values
        tap.equal((values["Failures"], aws.requests), ({}, []))
        aws.keys = None
        sts.deny = False
        tap.wait_until(lambda: sts.given, "tried again")
        aws.keys = sts.given[0]
        settled(collector, 20)
        tap.equal(sorted(aws.ids()), sorted(ids))


def test_role_expires():
    """keys are renewed before they expire, and no document notices"""
    with with_role("--role-arn", ROLE, lifetime=8) as (aws, sts, collector):
        tap.wait_until(lambda: sts.given, "the role is assumed")
        n = 0
        while len(sts.given) < 3:
            aws.keys = sts.given[-1]
            before = len(sts.given)
            n += len(put(collector, 5))
            tap.wait_until(lambda: relay(collector)["Waiting"] == 0 or len(sts.given) > before, "sent")
        aws.keys = sts.given[-1]
        values = settled(collector, n)
        tap.equal(values["Sent"], n)
        assert len(sts.given) <= 5, len(sts.given)


def test_mistakes():
    """no region, a bad address, the collector's own address and no role are refused at the start"""
    home = tempfile.mkdtemp(prefix="fluo-relay-")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    try:
        for arguments, words in [
                (["--local-mode"], "region"),
                (["--region", "evil.example.com/"], "region"),
                (["--region", "eu-west-1", "--relay-endpoint", "ftp://x"], "--relay"),
                (["--region", "eu-west-1", "--relay-endpoint", f"http://localhost:{port}"], "itself"),
                (["--region", "eu-west-1", "--role-arn", "traces"], "ARN"),
                (["--region", "eu-west-1", "--relay-sampling", "maybe"], "maybe"),
                (["--region", "eu-west-1", "--buffer-memory", "2"], "megabytes"),
                (["--region", "eu-west-1", "--proxy-address", "socks5://x:1"], "--proxy-address")]:
            run = subprocess.run([tap.BINARY, "--relay", "--listen", f"127.0.0.1:{port}", "--udp", "127.0.0.1:0", "--otlp", "none", "--otlp-grpc", "none",
                                  *arguments], env=tap.environment(home), capture_output=True, text=True, timeout=tap.PATIENCE)
            tap.equal(run.returncode, 64, f"{arguments}: {run.stderr}")
            assert words in run.stderr, f"{arguments}: {run.stderr}"
    finally:
        shutil.rmtree(home, ignore_errors=True)


tap.run([test_everything, test_same_text, test_failures, test_unprocessed, test_refused_batch, test_restart, test_credentials,
         test_overflow, test_hanging, test_end, test_sampling, test_sampling_at_the_end, test_ec2, test_role, test_role_of_profile,
         test_role_of_command_line, test_role_refused, test_role_expires, test_mistakes])
