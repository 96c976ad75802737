#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every operation of X-Ray's model: a valid request is answered in the model's shape, each of its constraints is held."""

import copy
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time

import tap

try:
    import botocore.config
    import botocore.loaders
    import botocore.model
    import botocore.parsers
    import botocore.session
except ImportError:
    botocore = None

_spec = importlib.util.spec_from_file_location("test_sdk", os.path.join(os.path.dirname(os.path.abspath(__file__)), "test-sdk.py"))
test_sdk = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(test_sdk)

POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "xray:PutTraceSegments", "Resource": "*"}]})
RULE = {"RuleName": "payments", "ResourceARN": "*", "Priority": 10, "FixedRate": 0.05, "ReservoirSize": 2, "ServiceName": "bank*",
        "ServiceType": "*", "Host": "*", "HTTPMethod": "POST", "URLPath": "/pay/*", "Version": 1, "Attributes": {"tier": "gold*"},
        "SamplingRateBoost": {"MaxRate": 0.5, "CooldownWindowMinutes": 5}}
REPORT = {"RuleName": "payments", "ClientID": "0123456789abcdef01234567", "Timestamp": 1790000000, "RequestCount": 1000,
          "SampledCount": 50, "BorrowCount": 1}
BOOST = {"RuleName": "payments", "ServiceName": "bank", "Timestamp": 1790000000, "AnomalyCount": 900, "TotalCount": 1000,
         "SampledAnomalyCount": 40}
TRACE = tap.segment()
TRACE_ID = TRACE["trace_id"]
WINDOW = {"StartTime": 1790000000, "EndTime": 1790003600}
# Five minutes in which all is well and two in which nothing is, a while ago.
OUTAGE_TIME = int(time.time()) // 60 * 60 - 20 * 60
OUTAGE = [json.dumps(tap.segment(trace_id=f"1-{OUTAGE_TIME:08x}-{minute:012x}{call:012x}", start_time=OUTAGE_TIME + minute * 60 + call,
                                 end_time=OUTAGE_TIME + minute * 60 + call + 1, fault=minute >= 5 or None))
          for minute in range(7) for call in range(7 if minute < 5 else 5)]
OUTAGE_WINDOW = {"StartTime": OUTAGE_TIME, "EndTime": OUTAGE_TIME + 3600}

# In this order each is valid. A parameter that is a function is given what was answered so far.
VALID = [
    ("PutTraceSegments", {"TraceSegmentDocuments": [json.dumps(TRACE), "{}", *OUTAGE]}),
    ("GetTraceSummaries", WINDOW),
    ("GetTraceSummaries", {**WINDOW, "TimeRangeType": "Event", "Sampling": False}),
    ("BatchGetTraces", {"TraceIds": [TRACE_ID]}),
    ("GetTraceGraph", {"TraceIds": [TRACE_ID]}),
    ("GetServiceGraph", WINDOW),
    ("GetServiceGraph", {**WINDOW, "GroupName": "Default"}),
    ("PutTelemetryRecords", {"TelemetryRecords": [{"Timestamp": 1790000000, "SegmentsReceivedCount": 3, "BackendConnectionErrors": {
        "TimeoutCount": 1}}], "EC2InstanceId": "i-0", "Hostname": "desk", "ResourceARN": "arn:aws:ec2:x"}),
    ("CreateGroup", {"GroupName": "shop", "FilterExpression": 'service("web")', "InsightsConfiguration": {"InsightsEnabled": True},
                     "Tags": [{"Key": "team", "Value": "tills"}]}),
    ("GetGroup", {"GroupName": "shop"}),
    ("GetGroup", {"GroupARN": lambda answers: answers["CreateGroup"]["Group"]["GroupARN"]}),
    ("UpdateGroup", {"GroupName": "Default", "InsightsConfiguration": {"InsightsEnabled": True}}),
    ("GetTimeSeriesServiceStatistics", {**OUTAGE_WINDOW, "GroupName": "Default", "EntitySelectorExpression": 'service("web")',
                                        "Period": 60, "ForecastStatistics": True}),
    ("GetTimeSeriesServiceStatistics", {**OUTAGE_WINDOW, "Period": 300}),
    ("GetInsightSummaries", {**OUTAGE_WINDOW, "GroupName": "Default", "States": ["CLOSED"], "MaxResults": 10}),
    ("GetInsight", {"InsightId": lambda answers: answers["GetInsightSummaries"]["InsightSummaries"][0]["InsightId"]}),
    ("GetInsightEvents", {"InsightId": lambda answers: answers["GetInsight"]["Insight"]["InsightId"], "MaxResults": 1}),
    ("GetInsightImpactGraph", {**OUTAGE_WINDOW, "InsightId": lambda answers: answers["GetInsight"]["Insight"]["InsightId"]}),
    ("StartTraceRetrieval", {**WINDOW, "TraceIds": [TRACE_ID]}),
    ("ListRetrievedTraces", {"RetrievalToken": lambda answers: answers["StartTraceRetrieval"]["RetrievalToken"],
                             "TraceFormat": "OTEL"}),
    ("ListRetrievedTraces", {"RetrievalToken": lambda answers: answers["StartTraceRetrieval"]["RetrievalToken"]}),
    ("GetRetrievedTracesGraph", {"RetrievalToken": lambda answers: answers["StartTraceRetrieval"]["RetrievalToken"]}),
    ("CancelTraceRetrieval", {"RetrievalToken": lambda answers: answers["StartTraceRetrieval"]["RetrievalToken"]}),
    ("UpdateGroup", {"GroupName": "shop", "FilterExpression": "fault", "InsightsConfiguration": {"NotificationsEnabled": True}}),
    ("GetGroups", {}),
    ("CreateSamplingRule", {"SamplingRule": RULE, "Tags": [{"Key": "team", "Value": ""}]}),
    ("UpdateSamplingRule", {"SamplingRuleUpdate": {"RuleName": "payments", "FixedRate": 0.1}}),
    ("GetSamplingRules", {}),
    ("GetSamplingTargets", {"SamplingStatisticsDocuments": [REPORT, {**REPORT, "RuleName": "x"}]}),
    ("GetSamplingTargets", {"SamplingStatisticsDocuments": [REPORT], "SamplingBoostStatisticsDocuments": [BOOST]}),
    ("GetSamplingTargets", {"SamplingStatisticsDocuments": [REPORT], "SamplingBoostStatisticsDocuments": [
        BOOST, {**BOOST, "RuleName": "x"}]}),
    ("GetSamplingStatisticSummaries", {}),
    ("TagResource", {"ResourceARN": lambda answers: answers["CreateGroup"]["Group"]["GroupARN"], "Tags": [{"Key": "k", "Value": "v"}]}),
    ("ListTagsForResource", {"ResourceARN": lambda answers: answers["CreateGroup"]["Group"]["GroupARN"]}),
    ("UntagResource", {"ResourceARN": lambda answers: answers["CreateGroup"]["Group"]["GroupARN"], "TagKeys": ["k", "absent"]}),
    ("PutResourcePolicy", {"PolicyName": "p", "PolicyDocument": POLICY, "PolicyRevisionId": "0", "BypassPolicyLockoutCheck": True}),
    ("ListResourcePolicies", {}),
    ("DeleteResourcePolicy", {"PolicyName": "p", "PolicyRevisionId": "1"}),
    ("PutEncryptionConfig", {"Type": "NONE"}),
    ("GetEncryptionConfig", {}),
    ("UpdateIndexingRule", {"Name": "Default", "Rule": {"Probabilistic": {"DesiredSamplingPercentage": 5.5}}}),
    ("GetIndexingRules", {}),
    ("UpdateTraceSegmentDestination", {"Destination": "CloudWatchLogs"}),
    ("GetTraceSegmentDestination", {}),
    ("DeleteSamplingRule", {"RuleARN": lambda answers: answers["CreateSamplingRule"]["SamplingRuleRecord"]["SamplingRule"]["RuleARN"]}),
    ("DeleteGroup", {"GroupName": "shop"}),
]


def load_model():
    if botocore is None:
        raise tap.Skip("python3-botocore is not installed")
    with open(os.path.join(tap.DATA, "model", "xray-service-2.json")) as file:
        return botocore.model.ServiceModel(json.load(file), "xray")


def data_path(collector):
    """A directory that gives botocore and the AWS CLI the newest model, whatever they came with."""
    path = os.path.join(collector.home, "models")
    os.makedirs(os.path.join(path, "xray", "2016-04-12"), exist_ok=True)
    shutil.copy(os.path.join(tap.DATA, "model", "xray-service-2.json"), os.path.join(path, "xray", "2016-04-12", "service-2.json"))
    return path


def fill(value, answers):
    if callable(value):
        return value(answers)
    if isinstance(value, dict):
        return {key: fill(member, answers) for key, member in value.items()}
    return [fill(member, answers) for member in value] if isinstance(value, list) else value


def test_table():
    """the table holds every operation of the model"""
    model = load_model()
    tap.equal({name for name, _ in VALID}, set(model.operation_names))


def test_valid():
    """botocore's client asks each operation and parses the answer without complaint; nothing in it is missing from the model"""
    model = load_model()
    with tap.Collector() as collector:
        session = botocore.session.Session()
        session.register_component("data_loader", botocore.loaders.Loader(extra_search_paths=[data_path(collector)]))
        client = session.create_client(
            "xray", region_name="us-east-1", endpoint_url=collector.endpoint, aws_access_key_id=collector.keys["full"][0],
            aws_secret_access_key=collector.keys["full"][1], config=botocore.config.Config(retries={"max_attempts": 0}))
        bodies = []
        client.meta.events.register("before-parse.xray", lambda response_dict, **_: bodies.append(response_dict["body"]))
        answers = {}
        for name, request in VALID:
            method = re.sub("ARN", "Arn", name)
            method = re.sub(r"(?<!^)([A-Z])", r"_\1", method).lower()
            operation = model.operation_model(name)
            answers[name] = getattr(client, method)(**fill(request, answers))
            status, _, text = collector.request("POST", operation.http["requestUri"], fill(request, answers)) if name.startswith(
                ("Get", "List", "Batch")) else (200, None, bodies[-1] if bodies else b"{}")
            tap.equal(status, 200, f"{name}: {text!r}")
            errors = []
            if operation.output_shape and operation.output_shape.members:
                test_sdk.check(operation.output_shape, json.loads(text), name, errors)
            else:
                tap.equal(json.loads(text), {}, name)
            tap.equal(errors, [], name)
        tap.equal(answers["GetGroups"]["Groups"][1]["FilterExpression"], "fault")
        tap.equal(answers["UpdateGroup"]["Group"]["InsightsConfiguration"], {"InsightsEnabled": True, "NotificationsEnabled": True})
        record = answers["DeleteSamplingRule"]["SamplingRuleRecord"]
        tap.equal((record["SamplingRule"]["FixedRate"], record["SamplingRule"]["Attributes"]), (0.1, {"tier": "gold*"}))
        target = answers["GetSamplingTargets"]["SamplingTargetDocuments"][0]
        tap.equal((target["ReservoirQuota"], target["SamplingBoost"]["BoostRate"]), (2, 0.2))
        tap.equal(answers["GetSamplingTargets"]["UnprocessedBoostStatistics"][0]["Message"], "Unknown rule")
        tap.equal(answers["ListTagsForResource"]["Tags"], [{"Key": "k", "Value": "v"}, {"Key": "team", "Value": "tills"}])
        tap.equal(answers["GetIndexingRules"]["IndexingRules"][0]["Rule"]["Probabilistic"]["DesiredSamplingPercentage"], 5.5)
        tap.equal(answers["GetTraceSegmentDestination"]["Destination"], "CloudWatchLogs")


def sample(shape, member=""):
    """A value that the model allows, with every member there is."""
    kind, limits = shape.type_name, shape.metadata
    if kind == "structure":
        return {name: sample(each, name) for name, each in shape.members.items()}
    if kind == "list":
        return [sample(shape.member, member)]
    if kind == "map":
        return {"k": "v"}
    if kind == "string":
        if member == "InsightId":
            return "01234567-89ab-1def-8123-456789abcdef"
        return limits["enum"][0] if limits.get("enum") else "a" * max(limits.get("min", 1), 1)
    return {"boolean": True, "timestamp": 1790000000}.get(kind, limits.get("min", 1))


WRONG = {"structure": [], "list": {}, "map": 1, "string": 1, "boolean": "true", "timestamp": "2026-01-01T00:00:00Z"}


def violations(shape, value, path=()):
    """Yields (where, a value that breaks one rule there, the error): of everything below @shape."""
    kind, limits = shape.type_name, shape.metadata
    yield path, WRONG.get(kind, "1"), "SerializationException"
    if kind == "structure":
        for name, member in shape.members.items():
            if name in shape.required_members:
                yield path + (name,), None, "ValidationException"
            yield from violations(member, value[name], path + (name,))
        return
    low, high = limits.get("min"), limits.get("max")
    if kind == "list":
        yield path + (0,), None, "ValidationException"
        yield from violations(shape.member, value[0], path + (0,))
        if high is not None:
            yield path, value * (high + 1), "ValidationException"
    elif kind == "map":
        for broken in ({"": "v"}, {"k": ""}, {"k" * 33: "v"}, {"k": "v" * 33}, {f"k{i}": "v" for i in range(high + 1)}):
            yield path, broken, "ValidationException"
        yield path, {"k": 1}, "SerializationException"
    elif kind == "string":
        if low:
            yield path, "a" * (low - 1), "ValidationException"
        if high is not None:
            yield path, "a" * (high + 1), "ValidationException"
        if limits.get("enum"):
            yield path, "nonsense", "ValidationException"
        if limits.get("pattern"):
            yield path, "not this!", "ValidationException"
    elif kind in ("integer", "double"):
        if low is not None:
            yield path, low - 1, "ValidationException"
        if high is not None:
            yield path, high + 1, "ValidationException"


def test_violations():
    """each constraint of each operation, broken alone, is answered with the error that stands for it, and says where"""
    model = load_model()
    counted = 0
    with tap.Collector() as collector:
        parser = botocore.parsers.create_parser("rest-json")
        for name in model.operation_names:
            operation = model.operation_model(name)
            whole = sample(operation.input_shape)
            for path, broken, kind in violations(operation.input_shape, whole):
                if not path:
                    request = broken
                else:
                    request = copy.deepcopy(whole)
                    place = request
                    for step in path[:-1]:
                        place = place[step]
                    if broken is None and isinstance(path[-1], str):
                        del place[path[-1]]
                    else:
                        place[path[-1]] = broken
                text = json.dumps(request).encode()
                status, headers, body = collector.request("POST", operation.http["requestUri"], text, {"Content-Type": "application/json"})
                what = f"{name} {path} {str(broken)[:60]}: {body!r}"
                tap.equal((status, headers.get("x-amzn-errortype")), (400, kind), what)
                parsed = parser.parse({"status_code": status, "headers": headers, "body": body}, operation.output_shape)
                tap.equal(parsed["Error"]["Code"], kind, what)
                names = [each for each in path if isinstance(each, str)]
                if names:
                    assert (names[0][0].lower() + names[0][1:]) in parsed["Error"]["Message"], what
                counted += 1
        # Nothing of it has had an effect.
        tap.equal(len(collector.call("/Groups")["Groups"]), 1)
        tap.equal(len(collector.call("/GetSamplingRules")["SamplingRuleRecords"]), 1)
        status = collector.status()
        tap.equal(status["Stored"], 0)
    assert counted > 300, counted
    print(f"# {counted} violations", flush=True)


def test_cli():
    """the AWS CLI asks each operation"""
    if not shutil.which("aws"):
        raise tap.Skip("awscli is not installed")
    with tap.Collector() as collector:
        variables = tap.environment(collector.home)
        variables.update(AWS_ACCESS_KEY_ID=collector.keys["full"][0], AWS_SECRET_ACCESS_KEY=collector.keys["full"][1],
                         AWS_DEFAULT_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true", AWS_DATA_PATH=data_path(collector))
        answers, seen = {}, set()
        for name, request in VALID:
            if name in seen and name not in ("GetSamplingTargets", "UpdateGroup"):
                continue
            seen.add(name)
            command = re.sub(r"(?<!^)([A-Z])", r"-\1", name).lower()
            result = subprocess.run(["aws", "--endpoint-url", collector.endpoint, "--output", "json", "xray", command,
                                     "--cli-input-json", json.dumps(fill(request, answers))],
                                    env=variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=2 * tap.PATIENCE,
                                    check=False)
            if "Invalid choice" in result.stderr or "argument operation" in result.stderr:
                raise tap.Skip(f"this AWS CLI can't be taught {command}")
            tap.equal(result.returncode, 0, f"{command}: {result.stderr}")
            answers[name] = json.loads(result.stdout or "{}")
        tap.equal(answers["UpdateGroup"]["Group"]["FilterExpression"], "fault")
        tap.equal(answers["GetSamplingRules"]["SamplingRuleRecords"][0]["SamplingRule"]["FixedRate"], 0.1)
        tap.equal(answers["ListResourcePolicies"]["ResourcePolicies"][0]["PolicyRevisionId"], "1")


def fails(collector, path, request, kind, status=400, text=""):
    code, headers, body = collector.request("POST", path, request)
    tap.equal((code, headers.get("x-amzn-errortype")), (status, kind), f"{path} {request}: {body!r}")
    assert text in json.loads(body)["Message"], body
    return json.loads(body)


def test_rules_of_the_service():
    """what the model can't say but the service does: limits, names, revisions, and what belongs together"""
    invalid = "InvalidRequestException"
    with tap.Collector() as collector:
        group = collector.call("/CreateGroup", {"GroupName": "a"})["Group"]
        tap.equal(group["InsightsConfiguration"], {"InsightsEnabled": False, "NotificationsEnabled": False})
        tap.equal(group["FilterExpression"], None)
        assert re.fullmatch(r"arn:aws:xray:local:\d{12}:group/a/[A-Z2-7]{52}", group["GroupARN"]), group
        for request in ({"GroupName": "a"}, {"GroupName": "Default"}, {"GroupName": "a b"}, {"GroupName": "x", "InsightsConfiguration": {
                "NotificationsEnabled": True}}, {"GroupName": "y", "Tags": [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]},
                        {"GroupName": "z", "FilterExpression": "service("}, {"GroupName": "z", "FilterExpression": 'group.name = "a"'}):
            fails(collector, "/CreateGroup", request, invalid)
        fails(collector, "/GetGroup", {}, invalid)
        fails(collector, "/GetGroup", {"GroupName": "A"}, invalid, text="Group not found.")
        fails(collector, "/DeleteGroup", {"GroupName": "Default"}, invalid)
        fails(collector, "/Groups", {"NextToken": "x"}, invalid)
        for i in range(23):
            collector.call("/CreateGroup", {"GroupName": f"g{i}"})
        fails(collector, "/CreateGroup", {"GroupName": "more"}, invalid, text="25")
        tap.equal(collector.call("/DeleteGroup", {"GroupARN": group["GroupARN"]}), {})
        again = collector.call("/CreateGroup", {"GroupName": "a"})["Group"]
        assert again["GroupARN"] != group["GroupARN"]
        fails(collector, "/GetGroup", {"GroupARN": group["GroupARN"]}, invalid, text="Group not found.")
        error = fails(collector, "/TagResource", {"ResourceARN": group["GroupARN"], "Tags": []}, "ResourceNotFoundException", 404)
        tap.equal(error["ResourceName"], group["GroupARN"])
        fails(collector, "/TagResource", {"ResourceARN": again["GroupARN"], "Tags": [
            {"Key": f"k{i}", "Value": ""} for i in range(51)]}, "TooManyTagsException")
        for i in range(25):
            collector.call("/CreateSamplingRule", {"SamplingRule": {**RULE, "RuleName": f"r{i}"}})
        fails(collector, "/CreateSamplingRule", {"SamplingRule": RULE}, "RuleLimitExceededException")
        fails(collector, "/UpdateSamplingRule", {"SamplingRuleUpdate": {"RuleName": "Default", "Priority": 3}}, invalid)
        fails(collector, "/UpdateSamplingRule", {"SamplingRuleUpdate": {"FixedRate": 1}}, invalid)
        fails(collector, "/DeleteSamplingRule", {"RuleName": "Default"}, invalid)
        records = collector.call("/GetSamplingRules")["SamplingRuleRecords"]
        tap.equal(len(records), 26)
        tap.equal(records[-1]["CreatedAt"], 0)
        fails(collector, "/PutResourcePolicy", {"PolicyName": "p", "PolicyDocument": "{}"}, "MalformedPolicyDocumentException")
        fails(collector, "/PutResourcePolicy", {"PolicyName": "p", "PolicyDocument": " " * 5121}, "PolicySizeLimitExceededException")
        collector.call("/PutResourcePolicy", {"PolicyName": "p", "PolicyDocument": POLICY})
        fails(collector, "/PutResourcePolicy", {"PolicyName": "p", "PolicyDocument": POLICY, "PolicyRevisionId": "0"},
              "InvalidPolicyRevisionIdException")
        fails(collector, "/PutResourcePolicy", {"PolicyName": "p", "PolicyDocument": POLICY.replace("Allow", "Deny").replace(
            '{"Service": "sns.amazonaws.com"}', '"*"').replace("PutTraceSegments", "*")}, "LockoutPreventionException")
        for i in range(4):
            collector.call("/PutResourcePolicy", {"PolicyName": f"p{i}", "PolicyDocument": POLICY})
        fails(collector, "/PutResourcePolicy", {"PolicyName": "more", "PolicyDocument": POLICY}, "PolicyCountLimitExceededException")
        fails(collector, "/ListResourcePolicies", {"NextToken": "x"}, invalid, text="NextToken is currently not supported")
        fails(collector, "/PutEncryptionConfig", {"Type": "KMS", "KeyId": "alias/x"}, invalid, text="no KMS")
        tap.equal(collector.call("/EncryptionConfig"), {"EncryptionConfig": {"KeyId": None, "Status": "ACTIVE", "Type": "NONE"}})
        fails(collector, "/UpdateIndexingRule", {"Name": "other", "Rule": {"Probabilistic": {"DesiredSamplingPercentage": 1}}},
              "ResourceNotFoundException", 404)
        fails(collector, "/UpdateIndexingRule", {"Name": "Default", "Rule": {}}, invalid)
        fails(collector, "/TelemetryRecords", {"TelemetryRecords": []}, invalid)
        # Numbers that don't fit are cut down to what does, as the service does.
        tap.equal(collector.call("/TelemetryRecords", {"TelemetryRecords": [{"Timestamp": 1.5, "SegmentsSentCount": 1e99}] * 30}), {})


def test_spelling():
    """nulls and times are spelt as the service spells them"""
    with tap.Collector() as collector:
        text = collector.request("POST", "/CreateSamplingRule", {"SamplingRule": {
            key: value for key, value in RULE.items() if key not in ("SamplingRateBoost", "Attributes")}})[2].decode()
        assert re.search(r'"CreatedAt":1\.\d+E9,"ModifiedAt":1\.\d+E9', text), text
        assert '"Attributes":{}' in text and '"SamplingRateBoost":null' in text, text
        status, headers, body = collector.request("POST", "/CreateGroup", {})
        tap.equal((status, headers["content-type"]), (400, "application/json"))
        tap.equal(json.loads(body)["message"], "1 validation error detected: Value null at 'groupName' failed to satisfy constraint: "
                  "Member must not be null")


def test_restart():
    """settings outlive the collector; damaged ones are moved aside and the traces stay"""
    with tap.Collector() as collector:
        collector.put(tap.segment())
        arn = collector.call("/CreateGroup", {"GroupName": "a", "FilterExpression": "fault"})["Group"]["GroupARN"]
        collector.call("/CreateSamplingRule", {"SamplingRule": RULE})
        collector.kill()
        collector.start()
        tap.equal(collector.call("/GetGroup", {"GroupName": "a"})["Group"]["GroupARN"], arn)
        tap.equal(len(collector.call("/GetSamplingRules")["SamplingRuleRecords"]), 2)
        collector.stop()
        path = os.path.join(collector.home, "data", "fluoroscope", "settings.db")
        tap.equal(os.stat(path).st_mode & 0o777, 0o600)
        with open(path, "wb") as file:
            file.write(b"nonsense" * 2000)
        collector.start()
        tap.equal(len(collector.call("/Groups")["Groups"]), 1)
        tap.equal(len(collector.summaries()), 1)
        assert "settings.db.damaged-" in collector.read_log(), collector.read_log()
        assert "settings.db.damaged-" in collector.status()["LastError"]


def test_simulate():
    """the simulator names the rule, and for each one before it the field that did not match"""
    path = "/fluoroscope/v1/sampling/simulate"
    with tap.Collector() as collector:
        plain = {key: value for key, value in RULE.items() if key != "Attributes"}
        collector.call("/CreateSamplingRule", {"SamplingRule": RULE})
        collector.call("/CreateSamplingRule", {"SamplingRule": {**plain, "RuleName": "later", "Priority": 20}})
        answer = collector.call(path, {"ServiceName": "bank-1", "HTTPMethod": "post", "URLPath": "/pay/1"})
        tap.equal((answer["RuleName"], answer["Rate"], answer["ReservoirSize"]), ("later", 0.05, 2))
        tap.equal([(each["RuleName"], each["Matches"], each["Field"], each["Attribute"]) for each in answer["Checked"]],
                  [("payments", False, "Attributes", "tier"), ("later", True, None, None)])
        answer = collector.call(path, {"ServiceName": "bank-1", "URLPath": "/pay/1", "Attributes": {"tier": "golden"}})
        tap.equal((answer["RuleName"], answer["Assumed"]), ("payments", ["HTTPMethod"]))
        answer = collector.call(path, {"ServiceName": "shop", "HTTPMethod": "POST", "URLPath": "/pay/1"})
        tap.equal((answer["RuleName"], answer["Rate"]), ("Default", 1))
        tap.equal([(each["Field"], each["Pattern"], each["Value"]) for each in answer["Checked"]],
                  [("ServiceName", "bank*", "shop"), ("ServiceName", "bank*", "shop"), (None, None, None)])
        fails(collector, path, {"ServiceName": 1}, "SerializationException")
        fails(collector, path, {"Attributes": {"a": 1}}, "SerializationException")
        tap.equal(collector.request("POST", path, {}, role=None)[0], 403, "without a signature")


# What the SDK's pollers do every ten seconds and every five minutes, done at once.
SDK_PROGRAM = r'''
import json, sys
from aws_xray_sdk.core.context import Context
from aws_xray_sdk.core.daemon_config import DaemonConfig
from aws_xray_sdk.core.sampling.sampler import DefaultSampler
sampler = DefaultSampler()
sampler._started = True
sampler.load_settings(DaemonConfig(sys.argv[1]), Context())
def load():
    sampler._cache.load_rules(sampler._connector.fetch_sampling_rules())
    sampler._cache.last_updated = 2 ** 40
def report():
    targets, modified = sampler._connector.fetch_sampling_target(sampler._cache.rules)
    sampler._cache.load_targets(targets)
    return modified
load()
request = {"service": "bank-1", "host": "h", "method": "POST", "path": "/pay/1"}
sampled = sum(bool(sampler.should_trace(dict(request))) for _ in range(200))
other = sum(bool(sampler.should_trace({**request, "path": "/"})) for _ in range(50))
quotas = []
for _ in range(2):
    modified = report()
    quotas.append({rule.name: rule.reservoir.quota for rule in sampler._cache.rules})
print(json.dumps({"rules": [rule.name for rule in sampler._cache.rules], "sampled": sampled, "other": other, "quotas": quotas,
                  "modified": modified}))
'''


def test_sdk_sampling():
    """the X-Ray SDK for Python takes its rules and quotas from the collector and decides by them"""
    python = next((each for each in (sys.executable, shutil.which("python3")) if each and subprocess.run(
        [each, "-c", "import aws_xray_sdk.core.sampling.sampler"], stderr=subprocess.DEVNULL, check=False).returncode == 0), None)
    if not python:
        raise tap.Skip("no X-Ray SDK with central sampling is installed")
    with tap.Collector() as collector:
        plain = {key: value for key, value in RULE.items() if key != "Attributes"}
        collector.call("/CreateSamplingRule", {"SamplingRule": {**plain, "FixedRate": 0, "ReservoirSize": 3}})
        collector.call("/CreateSamplingRule", {"SamplingRule": {**RULE, "RuleName": "attributes", "Priority": 1}})
        result = subprocess.run([python, "-c", SDK_PROGRAM, f"tcp:{collector.ready['http'][0]} udp:{collector.ready['udp'][0]}"],
                                env=tap.environment(collector.home), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                timeout=tap.PATIENCE, check=False)
        tap.equal(result.returncode, 0, result.stderr)
        answer = json.loads(result.stdout)
        tap.equal(answer["rules"], ["payments", "Default"], "rules with attributes are left out, Default is last")
        # Nothing of a rate of 0 but what is borrowed, one a second.
        assert 1 <= answer["sampled"] <= 20, answer
        tap.equal(answer["other"], 50, "Default samples everything")
        tap.equal(answer["quotas"], [{"payments": None, "Default": None}, {"payments": 3, "Default": 1}])
        listener = [each for each in collector.status()["Listeners"] if each["Protocol"] == "http"][0]
        tap.equal(listener["SamplingRequests"], 3)


def test_cli_groups():
    """fluoroscope-cli lists the groups and says their filters in words"""
    program = os.path.join(tap.BUILD, "src", "cli", "fluoroscope-cli")
    with tap.Collector() as collector:
        collector.call("/CreateGroup", {"GroupName": "paying", "FilterExpression": 'service("pay") { fault }',
                                        "InsightsConfiguration": {"InsightsEnabled": True, "NotificationsEnabled": True}})

        def ask(*words):
            result = subprocess.run([program, "--endpoint", collector.endpoint, "groups", *words], env=tap.environment(collector.home), text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=tap.PATIENCE, check=False)
            tap.equal(result.returncode, 0, result.stderr)
            return result.stdout

        rows = ask().splitlines()
        tap.equal(rows[1].split(), "Default on – Every trace.".split())
        assert "on, with notifications" in rows[2] and "Traces where pay had a fault" in rows[2], rows
        tap.equal([each["GroupName"] for each in json.loads(ask("--json"))["Groups"]], ["Default", "paying"])


def test_cli_sampling():
    """fluoroscope-cli shows the rules and what a request would hit"""
    program = os.path.join(tap.BUILD, "src", "cli", "fluoroscope-cli")
    with tap.Collector() as collector:
        collector.call("/CreateSamplingRule", {"SamplingRule": RULE})
        variables = tap.environment(collector.home)

        def ask(*words):
            result = subprocess.run([program, "--endpoint", collector.endpoint, "sampling", *words], env=variables, text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=tap.PATIENCE, check=False)
            tap.equal(result.returncode, 0, result.stderr)
            return result.stdout

        rows = ask("rules").splitlines()
        tap.equal(rows[1].split(), "10 payments 2 5 % service bank*, method POST, path /pay/*, tier=gold*".split())
        tap.equal(rows[2].split(), "10000 Default 1 100 % everything".split())
        tap.equal([each["SamplingRule"]["RuleName"] for each in json.loads(ask("rules", "--json"))["SamplingRuleRecords"]],
                  ["payments", "Default"])
        question = ("simulate", "--service", "bank-1", "--method", "GET", "--path", "/pay/1")
        text = ask(*question)
        assert "HTTPMethod is “GET”, and the rule wants “POST”" in text, text
        assert "\nDefault: the reservoir takes 1 a second" in text, text
        tap.equal(json.loads(ask(*question, "--json"))["RuleName"], "Default")
        text = ask("simulate", "--service", "bank-1", "--method", "POST", "--attribute", "tier=gold=1")
        assert "\npayments: the reservoir takes 2 a second" in text and "not given: URLPath." in text, text


if __name__ == "__main__":
    tap.run([test_table, test_valid, test_violations, test_cli, test_rules_of_the_service, test_spelling, test_restart,
             test_simulate, test_sdk_sampling, test_cli_groups, test_cli_sampling])
