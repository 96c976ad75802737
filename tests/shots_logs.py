#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logs' part of shots.py: an account with CloudWatch beside the demo's traces, and pictures of lines in all states."""
import json
import math
import os
import re
import subprocess
import time
from datetime import datetime, timezone

import shots_server

# What the programs of the one slow checkout wrote: milliseconds, log group, message.
LINES = [
    (6, "/app/checkout", '{"level":"info","message":"POST /checkout, order 84193, 3 items"}'),
    (20, "/app/checkout", '{"level":"info","message":"price rules: 4 to apply"}'),
    (33, "/app/inventory", "WARN stock throttled, trying again in 19 ms"),
    (60, "/app/inventory", "INFO reserved 3 items"),
    (70, "/aws/lambda/payments", "[INFO]\t2026-11-29T03:12:00.123Z\tc6af9ac6-7b61-11e6-9a41-93e8deadbeef\tcharge 61.90 EUR, api v2"),
    (86, "/aws/lambda/payments", "[INFO]\t2026-11-29T03:12:00.123Z\tc6af9ac6-7b61-11e6-9a41-93e8deadbeef\tPOST bank.example.com/v2/charge"),
    (207, "/aws/lambda/payments", "[INFO]\t2026-11-29T03:12:00.123Z\tc6af9ac6-7b61-11e6-9a41-93e8deadbeef\tconnected, TLS 1.3"),
    (1086, "/aws/lambda/payments", "[WARNING]\t2026-11-29T03:12:01.123Z\tc6af9ac6-7b61-11e6-9a41-93e8deadbeef\tno answer after 1 s"),
    (2210, "/aws/lambda/payments", "[ERROR]\t2026-11-29T03:12:02.123Z\tc6af9ac6-7b61-11e6-9a41-93e8deadbeef\t" "read timed out, giving up\nTimeoutError\n"
           "  bank.py:88     charge\n  handler.py:41  take_payment\nrequest 7f0c…91be  host ip-10-2-14-7"),
    (2226, "/aws/lambda/payments", "REPORT RequestId: c6af9ac6-7b61-11e6-9a41-93e8deadbeef\tDuration: 2162.11 ms\tMax Memory Used: 143 MB"),
    (2230, "/app/checkout", '{"level":"error","message":"payment failed: 504 from payments","order_id":84193,"attempt":1}'),
    (2262, "/app/orders", "INFO order 84193 set to failed"),
    (2286, "/app/inventory", "INFO released 3 items"),
    (2302, "/app/checkout", '{"level":"info","message":"queued email payment-failed"}'),
]
GROUPS = ["/app/checkout", "/app/inventory", "/app/orders"]
REFUSED = {"__type": "AccessDeniedException",
           "Message": "User: arn:aws:sts::402155889917:assumed-role/oncall-read/ada is not authorized to perform: {} with an explicit deny"}


class Cloud(shots_server.Server):
    """CloudWatch and its logs beside the X-Ray of a collector. What it answers is in "mode"."""

    def __init__(self, xray, cli):
        self.xray = xray
        self.cli = [cli, "--endpoint", xray]
        self.keys = json.loads(subprocess.run([*self.cli, "credentials", "--format", "process"], check=True, stdout=subprocess.PIPE).stdout)
        self.mode = "lines"
        self.queries = {}
        super().__init__(self.answer_post)

    def answer_post(self, _path, headers, body):
        status, answer = self.answer(headers["X-Amz-Target"], json.loads(body))
        return status, {"Content-Type": "application/x-amz-json-1.1"}, answer

    def start_of(self, trace):
        told = subprocess.run([*self.cli, "--json", "trace", trace], check=True, stdout=subprocess.PIPE).stdout
        return min(json.loads(segment["Document"])["start_time"] for segment in json.loads(told)["Segments"])

    def lines(self, query):
        text = query["queryString"]
        trace = re.search(r"1-[0-9a-f]{8}-[0-9a-f]{24}", text)
        begin = self.start_of(trace.group()) if trace else query["endTime"] - 20
        lines = LINES if self.mode in ("lines", "running") else []
        if self.mode == "many":
            lines = [(i * 0.23, GROUPS[i % 3], f"{['INFO', 'DEBUG', 'INFO', 'WARN', 'INFO', 'INFO', 'ERROR'][i % 7 if i % 35 == 6 else i % 3]} step {i} of the basket")
                     for i in range(10000)]
        if not trace:
            lines = [line for line in lines if line[1] in query["logGroupIdentifiers"]]
        return [[{"field": "@timestamp", "value": datetime.fromtimestamp(begin + (at + 0.9) / 1000, timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]},
                 {"field": "@message", "value": message}, {"field": "@log", "value": "402155889917:" + group},
                 {"field": "@logStream", "value": "2026/11/29/[$LATEST]7f0c91be"}] for at, group, message in lines]

    def metrics(self, body):
        begin, end = int(body["StartTime"]), int(body["EndTime"])
        results = []
        for number, query in enumerate(body["MetricDataQueries"]):
            stat = query.get("MetricStat", query)
            step, name = stat.get("Period", 60), stat["Metric"]["MetricName"] if "Metric" in stat else query["Expression"]
            times = list(range(begin - begin % step + step, end, step))
            values = [round(40 + 25 * math.sin(i / 3 + number) + (130 if name in ("Duration", "Throttles") and i == len(times) * 2 // 3 else 0), 1) if "Throttl" not in name
                      else float(6 if i == len(times) * 2 // 3 else 0) for i in range(len(times))]
            results.append({"Id": query["Id"], "Timestamps": times, "Values": values, "StatusCode": "Complete"})
        return {"MetricDataResults": results}

    def answer(self, target, body):
        action = target.split(".")[1]
        service = "logs" if target.startswith("Logs") else "cloudwatch"
        if self.mode == "refused":
            refused = dict(REFUSED, Message=REFUSED["Message"].format(f"{service}:{action}"))
            return 400, json.dumps(refused).encode()
        if action == "StartQuery":
            self.queries["q"] = body
            answer = {"queryId": "q"}
        elif action == "GetQueryResults":
            running = self.mode == "running"
            lines = self.lines(self.queries["q"])
            answer = {"status": "Running" if running else "Complete", "results": lines[:5] if running else lines,
                      "statistics": {"bytesScanned": 12.9e6 if running else 1.29e9, "recordsScanned": 61000.0, "recordsMatched": float(len(lines))}}
        elif action == "GetMetricData":
            answer = self.metrics(body)
        elif action == "DescribeAlarms":
            answer = {"MetricAlarms": []}
        else:
            answer = {"success": True}
        return 200, json.dumps(answer).encode()


def profile_of(cloud):
    keys = cloud.keys
    return (f"[profile petshop-prod]\naws_access_key_id = {keys['AccessKeyId']}\naws_secret_access_key = {keys['SecretAccessKey']}\n"
            f"region = eu-central-1\nservices = local\n[services local]\nxray =\n  endpoint_url = {cloud.xray}\n"
            f"cloudwatch =\n  endpoint_url = {cloud.url}\ncloudwatch_logs =\n  endpoint_url = {cloud.url}\n")


CONNECTION = "[connections]\nVersion=1\nOrder=a;\n[connection a]\nKind=profile\nName=petshop-prod\nProfile=petshop-prod\n"
LOGS = (1294, 111)
COMPARE_LOGS = (1363, 206)
METRICS = (1390, 577)
VIEW_LOGS = (1347, 871)
GROUPS_BUTTON = (1395, 881)


def open_trace(window):
    window.key("ctrl+2", "ctrl+l")
    window.type("84193")
    window.key("Return", "Return")
    time.sleep(1.5)


def connect(window_of, cloud, groups=GROUPS, **more):
    """The window of a connection to the account, with log groups that were added before."""
    window = window_of(profiles=lambda _url: profile_of(cloud), connections=CONNECTION, **more)
    state = os.path.join(window.home, "state/fluoroscope")
    os.makedirs(state, exist_ok=True)
    with open(os.path.join(state, "logs-petshop-prod.ini"), "w", encoding="utf-8") as text:
        text.write("[logs]\ngroups=" + "".join(group + ";" for group in groups) + "\n")
    window.key("ctrl+k")
    time.sleep(1)
    window.key("Down", "Return")
    time.sleep(3)
    return window


def make_scene(collector, cli):
    def scene_logs(window_of, tone, _empty):
        window = window_of()
        open_trace(window)
        window.key("l")
        time.sleep(1)
        window.shot(f"logs-local-{tone}")
        window.close()
        cloud = Cloud(collector(), cli)
        window = connect(window_of, cloud)
        open_trace(window)
        window.key("v")
        time.sleep(2)
        window.shot(f"trace-metrics-{tone}")
        window.key("v")
        window.click(*LOGS)
        time.sleep(2)
        window.shot(f"logs-{tone}")
        window.key("ctrl+f")
        window.click(1200, 665)
        time.sleep(1)
        window.shot(f"logs-line-{tone}")
        window.click(*GROUPS_BUTTON)
        time.sleep(0.7)
        window.shot(f"logs-groups-{tone}")
        window.key("Escape")
        window.resize(900, 600)
        window.shot(f"logs-narrow-{tone}")
        window.resize(1440, 900)
        window.click(*LOGS)
        window.click(700, 820)
        window.key("m")
        time.sleep(2)
        window.click(*COMPARE_LOGS)
        time.sleep(2)
        window.shot(f"compare-logs-{tone}")
        window.key("ctrl+w", "ctrl+1")
        window.click(789, 211)
        time.sleep(1)
        window.shot(f"metrics-off-{tone}")
        window.click(*METRICS)
        time.sleep(2)
        window.shot(f"metrics-{tone}")
        window.click(*VIEW_LOGS)
        time.sleep(2)
        window.shot(f"logs-service-{tone}")
        window.close()
        for mode in ("none", "many", "running", "refused"):
            cloud.mode = mode
            window = connect(window_of, cloud)
            open_trace(window)
            window.click(*LOGS)
            time.sleep(3)
            window.shot(f"logs-{mode}-{tone}")
            window.close()
        cloud.stop()

    return scene_logs
