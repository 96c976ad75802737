#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The administration's part of shots.py: settings of a collector and of an account, and their pictures."""
import json
import os
import subprocess
import tempfile
import time

import shots_server


class Account(shots_server.Server):
    """Settings of X-Ray as AWS has them: a key that is being changed, Transaction Search, a policy, rules that may not be read."""

    ANSWERS = {
        "/Groups": {"Groups": [{"GroupName": "Default", "GroupARN": "arn:aws:xray:eu-central-1:402155889917:group/Default"}]},
        "/GetSamplingRules": {"SamplingRuleRecords": []},
        "/EncryptionConfig": {"EncryptionConfig": {"Type": "KMS", "Status": "UPDATING",
                                                   "KeyId": "arn:aws:kms:eu-central-1:402155889917:key/1234abcd-12ab-34cd-56ef-1234567890ab"}},
        "/GetTraceSegmentDestination": {"Destination": "CloudWatchLogs", "Status": "PENDING"},
        "/GetIndexingRules": {"IndexingRules": [{"Name": "Default", "Rule": {"Probabilistic": {"DesiredSamplingPercentage": 5, "ActualSamplingPercentage": 1}}}]},
        "/ListResourcePolicies": {"ResourcePolicies": [{"PolicyName": "sns-publish", "PolicyRevisionId": "3", "LastUpdatedTime": 1.79E9, "PolicyDocument": json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Sid": "SNSAccess", "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
                                                     "Action": ["xray:PutTraceSegments", "xray:GetSamplingRules", "xray:GetSamplingTargets"], "Resource": "*",
                                                     "Condition": {"StringEquals": {"aws:SourceAccount": "402155889917"}}}]})}]},
        "/TraceSummaries": {"TraceSummaries": []},
        "/ServiceGraph": {"Services": []},
    }

    def __init__(self):
        super().__init__(self.answer)

    @staticmethod
    def answer(path, _headers, _body):
        answer = Account.ANSWERS.get(path)
        if answer:
            return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()
        refusal = {"message": f"User: arn:aws:sts::402155889917:assumed-role/oncall-read/ada is not authorized to perform: xray:{path[1:]}"}
        return 403, {"x-amzn-ErrorType": "AccessDeniedException", "Content-Type": "application/json"}, json.dumps(refusal).encode()


def keys_of(cli, url):
    """The variables of the collector's key pair that may change settings."""
    told = subprocess.run([cli, "--endpoint", url, "--json", "credentials", "--role", "full"], check=True, stdout=subprocess.PIPE)
    keys = json.loads(told.stdout)
    return dict(os.environ, AWS_ACCESS_KEY_ID=keys["AccessKeyId"], AWS_SECRET_ACCESS_KEY=keys["SecretAccessKey"], AWS_DEFAULT_REGION="eu-central-1",
                AWS_CONFIG_FILE="/nonexistent", AWS_SHARED_CREDENTIALS_FILE="/nonexistent")


def settings_of(cli, url, many=False):
    """Groups, sampling rules and what programs tell of them."""
    env = keys_of(cli, url)

    def xray(operation, **members):
        subprocess.run(["aws", "--endpoint-url", url, "xray", operation, "--cli-input-json", json.dumps(members)], env=env, check=True, stdout=subprocess.DEVNULL)

    groups = [("checkout-prod", 'service("checkout") AND annotation.region = "eu"', True, True), ("faults", "service() { fault }", True, False),
              ("gold-customers-that-wait-long", 'annotation.tier = "gold" AND duration > 2 AND http.method = "POST" AND service("payments") { responsetime > 0.5 }', False, False)]
    rules = [("health", 10, 0, 0.0, {"URLPath": "/health*"}), ("checkout", 100, 5, 0.5, {"HTTPMethod": "POST", "URLPath": "/checkout"}),
             ("payments-of-gold-customers-in-eu", 200, 10, 0.25, {"ServiceName": "payments-settlement-*", "Host": "*.shop.example.com", "Attributes": {"tier": "gold"}})]
    if many:
        groups += [(f"group-{i}", f'annotation.customer = "c{i}"', i % 3 == 0, False) for i in range(21)]
        rules += [(f"rule-{i}", 300 + i, i % 4, 0.01 * i, {"ServiceName": f"service-{i}"}) for i in range(22)]
    for name, expression, insights, notifications in groups:
        xray("create-group", GroupName=name, FilterExpression=expression, InsightsConfiguration={"InsightsEnabled": insights, "NotificationsEnabled": notifications})
    for name, priority, reservoir, rate, fields in rules:
        rule = {"ResourceARN": "*", "ServiceName": "*", "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "URLPath": "*", **fields}
        if name == "checkout":
            rule["SamplingRateBoost"] = {"MaxRate": 0.9, "CooldownWindowMinutes": 10}
        xray("create-sampling-rule", SamplingRule={"RuleName": name, "Priority": priority, "ReservoirSize": reservoir, "FixedRate": rate, "Version": 1, **rule})
    for _ in range(2):
        xray("get-sampling-targets", SamplingStatisticsDocuments=[
            {"RuleName": name, "ClientID": "%024x" % 7, "Timestamp": int(time.time()), "RequestCount": requests, "SampledCount": sampled, "BorrowCount": borrowed}
            for name, requests, sampled, borrowed in (("checkout", 1284, 640, 3), ("health", 96, 0, 0), ("Default", 12930, 657, 10))])
        time.sleep(11)
    xray("put-resource-policy", PolicyName="sns", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "xray:PutTraceSegments", "Resource": "*"}]}))


def open_administration(window):
    # The pointer would choose what it lies on when the menu opens.
    window.point(700, 800)
    window.key("F10", "Up", "Up", "Up", "Up", "Return")
    time.sleep(1)


def admin_dialogs(window, tone):
    """Places are those of the administration in the window of 1440 x 900."""
    window.key("ctrl+1")
    window.click(1225, 147)
    window.type("slow-checkout")
    window.key("Tab")
    window.type('service("checkout") { responsetime > 0.5 } AND ')
    time.sleep(1)
    window.shot(f"admin-group-invalid-{tone}")
    window.type('annotation.tier = "gold"')
    time.sleep(1.5)
    window.shot(f"admin-group-{tone}")
    window.key("Escape")
    window.click(1260, 286)
    window.shot(f"admin-group-remove-{tone}")
    window.key("Escape", "ctrl+2")
    time.sleep(1)
    window.click(1231, 300)
    window.key("ctrl+a")
    window.type("50")
    time.sleep(1)
    window.shot(f"admin-rule-{tone}")
    window.key("Escape")
    window.drag(405, 355, 405, 238)
    time.sleep(1)
    window.shot(f"admin-order-{tone}")
    window.key("Escape")


def make_scene(collector_class, cli):
    """The scene, with what shots.py starts collectors and asks them with."""

    def scene_admin(window_of, tone, empty):
        """The settings of X-Ray: every section wide and narrow, its dialogs, an account that permits little."""
        with tempfile.TemporaryDirectory() as home:
            other = collector_class(home)
            subprocess.run([cli, "--endpoint", other.url, "demo", "--traces", "2000", "--udp", other.udp], check=True, stdout=subprocess.DEVNULL)
            settings_of(cli, other.url)
            window = window_of(endpoint=other.url)
            time.sleep(2)
            window.key("ctrl+1")
            open_administration(window)
            for number, name in enumerate(("groups", "sampling", "encryption", "search", "policies"), 1):
                window.key(f"ctrl+{number}")
                time.sleep(1)
                window.shot(f"admin-{name}-{tone}")
            admin_dialogs(window, tone)
            window.close()
            window = window_of(endpoint=other.url, size=(900, 600))
            time.sleep(2)
            window.key("ctrl+1")
            open_administration(window)
            for number, name in enumerate(("groups", "sampling", "encryption", "search", "policies"), 1):
                window.key(f"ctrl+{number}")
                time.sleep(1)
                window.shot(f"admin-{name}-narrow-{tone}")
            window.close()
            window = window_of(endpoint=other.url, size=(360, 640))
            time.sleep(2)
            open_administration(window)
            window.shot(f"admin-groups-phone-{tone}")
            window.key("ctrl+2")
            time.sleep(1)
            window.shot(f"admin-sampling-phone-{tone}")
            window.close()
            other.stop()
        account = Account()
        window = window_of(endpoint=account.url)
        time.sleep(1)
        open_administration(window)
        for number, name in enumerate(("groups", "sampling", "encryption", "search", "policies"), 1):
            window.key(f"ctrl+{number}")
            time.sleep(1)
            window.shot(f"admin-account-{name}-{tone}")
        window.close()
        account.stop()

    return scene_admin
