#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time series, insights and retrievals, asked of a running collector with botocore and the AWS CLI."""

import json
import os
import shutil
import subprocess
import time

import tap

try:
    import botocore.config
    import botocore.exceptions
    import botocore.loaders
    import botocore.session
except ImportError:
    botocore = None

# The whole minute 30 minutes ago: what is asked for lies in the past and is over.
BASE = int(time.time()) // 60 * 60 - 30 * 60


def data_path(collector):
    """A directory that gives botocore and the AWS CLI the newest model, whatever they came with."""
    path = os.path.join(collector.home, "models")
    os.makedirs(os.path.join(path, "xray", "2016-04-12"), exist_ok=True)
    shutil.copy(os.path.join(tap.DATA, "model", "xray-service-2.json"), os.path.join(path, "xray", "2016-04-12", "service-2.json"))
    return path


def make_client(collector):
    if botocore is None:
        raise tap.Skip("python3-botocore is not installed")
    session = botocore.session.Session()
    session.register_component("data_loader", botocore.loaders.Loader(extra_search_paths=[data_path(collector)]))
    return session.create_client(
        "xray", region_name="us-east-1", endpoint_url=collector.endpoint, aws_access_key_id=collector.keys["full"][0],
        aws_secret_access_key=collector.keys["full"][1], config=botocore.config.Config(retries={"max_attempts": 0}))


def put_all(collector, documents):
    for i in range(0, len(documents), 50):
        tap.equal(collector.put(*documents[i:i + 50])["UnprocessedTraceSegments"], [])


def call_of(at, fault=False, trace=None):
    """web asks the bank, which answers for nobody; a fault of the bank is one of web."""
    segment = tap.segment(start_time=at, end_time=at + 0.5, fault=fault or None)
    segment["trace_id"] = trace or f"1-{int(at):08x}-{segment['id']:0>24}"
    segment["subsegments"] = [{"id": f"b{segment['id'][1:]}", "name": "bank", "namespace": "remote", "start_time": at + 0.1,
                               "end_time": at + 0.4, **({"fault": True} if fault else {})}]
    return segment


def outage():
    """Ten minutes of ten calls; in the last three of them all fail."""
    return [call_of(BASE + minute * 60 + call, minute >= 7) for minute in range(10) for call in range(10)]


def refuses(function, text, **arguments):
    try:
        function(**arguments)
    except botocore.exceptions.ClientError as error:
        assert text in error.response["Error"]["Message"], error
        return error.response
    raise AssertionError(f"{arguments} is taken")


def test_series():
    """statistics of clients, a service and a call, minute by minute, newest first"""
    with tap.Collector() as collector:
        client = make_client(collector)
        put_all(collector, outage())
        window = {"StartTime": BASE, "EndTime": BASE + 1800}
        series = client.get_time_series_service_statistics(**window)["TimeSeriesServiceStatistics"]
        tap.equal([int(each["Timestamp"].timestamp()) for each in series], [BASE + 60 * (10 - i) for i in range(10)])
        newest, oldest = series[0], series[-1]
        tap.equal(newest["EdgeSummaryStatistics"]["FaultStatistics"], {"OtherCount": 10, "TotalCount": 10})
        tap.equal(newest["EdgeSummaryStatistics"]["TotalResponseTime"], 5.0)
        assert "ServiceSummaryStatistics" not in newest
        tap.equal(newest["ServiceForecastStatistics"], {})
        tap.equal((oldest["EdgeSummaryStatistics"]["OkCount"], oldest["EdgeSummaryStatistics"]["TotalCount"]), (10, 10))
        tap.equal(sum(entry["Count"] for entry in newest["ResponseTimeHistogram"]), 10)

        def ask(selector, **more):
            return client.get_time_series_service_statistics(
                **window, EntitySelectorExpression=selector, **more)["TimeSeriesServiceStatistics"]

        bank = ask('service(id(name: "bank", type: "remote"))')
        tap.equal(bank[0]["ServiceSummaryStatistics"]["TotalResponseTime"], 3.0)
        assert "EdgeSummaryStatistics" not in bank[0]
        tap.equal(ask('edge("web", "bank")')[0]["EdgeSummaryStatistics"]["TotalCount"], 10)
        tap.equal(ask('service("nobody")'), [])
        # Five minutes at once, by the clock.
        sums = ask('service("web")', Period=300)
        tap.equal(sum(each["ServiceSummaryStatistics"]["TotalCount"] for each in sums), 100)
        assert all(each["Timestamp"].timestamp() % 300 == 0 for each in sums), sums
        # A value belongs to the time at which its minute ends.
        few = client.get_time_series_service_statistics(StartTime=BASE + 60, EndTime=BASE + 120)["TimeSeriesServiceStatistics"]
        tap.equal([int(each["Timestamp"].timestamp()) for each in few], [BASE + 60])
        collector.call("/CreateGroup", {"GroupName": "plain"})
        for more, text in [({"Period": 120}, "Period"), ({"EntitySelectorExpression": "fault"}, "EntitySelectorExpression"),
                           ({"ForecastStatistics": True}, "EntitySelectorExpression"), ({"GroupName": "x"}, "Group not found."),
                           ({"ForecastStatistics": True, "EntitySelectorExpression": 'service("web")', "GroupName": "plain"}, "insights"),
                           ({"EndTime": BASE - 1}, "End time"),
                           ({"NextToken": "x"}, "NextToken")]:
            refuses(client.get_time_series_service_statistics, text, **{**window, **more})
        # botocore itself cuts fractions off.
        status, _, body = collector.request("POST", "/TimeSeriesServiceStatistics", {**window, "StartTime": BASE + 0.5})
        tap.equal((status, "whole seconds" in json.loads(body)["Message"]), (400, True))


def test_group_and_forecast():
    """a group has its own series; with insights enabled the faults to be expected as well"""
    with tap.Collector() as collector:
        client = make_client(collector)
        collector.call("/CreateGroup", {"GroupName": "slow", "FilterExpression": "fault", "InsightsConfiguration": {"InsightsEnabled": True}})
        collector.call("/UpdateGroup", {"GroupName": "Default", "InsightsConfiguration": {"InsightsEnabled": True}})
        put_all(collector, outage())
        window = {"StartTime": BASE, "EndTime": BASE + 1800, "EntitySelectorExpression": 'service("web")', "ForecastStatistics": True}
        tap.equal(len(client.get_time_series_service_statistics(**window, GroupName="slow")["TimeSeriesServiceStatistics"]), 3)
        series = client.get_time_series_service_statistics(**window)["TimeSeriesServiceStatistics"]
        # Nothing is known of the first minutes. What is expected stays the same while it fails.
        bands = [each["ServiceForecastStatistics"] for each in reversed(series)]
        tap.equal(bands[:5], [{}] * 5)
        tap.equal(bands[5:], [{"FaultCountHigh": high, "FaultCountLow": 0} for high in (1, 1, 0, 0, 0)])


def test_pages():
    """a series of many minutes comes in pages"""
    with tap.Collector() as collector:
        client = make_client(collector)
        start = BASE - 2000 * 60
        put_all(collector, [call_of(start + i * 60) for i in range(1500)])
        pages = list(client.get_paginator("get_time_series_service_statistics").paginate(StartTime=0, EndTime=BASE + 60))
        tap.equal(len(pages), 2)
        times = [int(each["Timestamp"].timestamp()) for page in pages for each in page["TimeSeriesServiceStatistics"]]
        tap.equal(times, [start + i * 60 + 60 for i in reversed(range(1500))])


def test_insight():
    """an outage of the bank is one insight that names the bank; its events tell how it went"""
    with tap.Collector() as collector:
        client = make_client(collector)
        put_all(collector, outage())
        window = {"StartTime": BASE - 600, "EndTime": BASE + 1800}
        tap.equal(client.get_groups()["Groups"][0]["InsightsConfiguration"], {"InsightsEnabled": True, "NotificationsEnabled": False})
        client.update_group(GroupName="Default", InsightsConfiguration={"InsightsEnabled": False})
        tap.equal(client.get_insight_summaries(**window, GroupName="Default")["InsightSummaries"], [])
        client.update_group(GroupName="Default", InsightsConfiguration={"InsightsEnabled": True})
        answer = client.get_insight_summaries(**window, GroupName="Default")
        tap.equal(len(answer["InsightSummaries"]), 1)
        summary = answer["InsightSummaries"][0]
        tap.equal(summary["RootCauseServiceId"], {"Name": "bank", "Names": ["bank"], "Type": "remote"})
        tap.equal(summary["Categories"], ["FAULT"])
        tap.equal(summary["State"], "CLOSED")
        tap.equal((int(summary["StartTime"].timestamp()), int(summary["EndTime"].timestamp())), (BASE + 420, BASE + 600))
        tap.equal(int(summary["LastUpdateTime"].timestamp()), BASE + 1200)
        tap.equal(summary["ClientRequestImpactStatistics"], {"FaultCount": 30, "OkCount": 0, "TotalCount": 30})
        tap.equal(summary["RootCauseServiceRequestImpactStatistics"], {"FaultCount": 30, "OkCount": 0, "TotalCount": 30})
        tap.equal([each["ServiceId"]["Name"] for each in summary["TopAnomalousServices"]], ["bank", "web"])
        assert "bank" in summary["Summary"], summary

        key = {"InsightId": summary["InsightId"]}
        insight = client.get_insight(**key)["Insight"]
        tap.equal(insight, {name: value for name, value in summary.items() if name != "LastUpdateTime"})
        events, more = [], {}
        while True:
            page = client.get_insight_events(**key, MaxResults=1, **more)
            events += page["InsightEvents"]
            if "NextToken" not in page:
                break
            more = {"NextToken": page["NextToken"]}
        tap.equal([int(each["EventTime"].timestamp()) for each in events], [BASE + 1200, BASE + 540])
        tap.equal(events[1]["ClientRequestImpactStatistics"]["FaultCount"], 20)
        tap.equal(events, client.get_insight_events(**key)["InsightEvents"])

        graph = client.get_insight_impact_graph(**key, StartTime=BASE, EndTime=BASE + 1800)
        services = {(each["Name"], each.get("Type")): each for each in graph["Services"]}
        tap.equal(set(services), {("web", "client"), ("web", None), ("bank", "remote")})
        tap.equal([edge["ReferenceId"] for edge in services["web", None]["Edges"]], [services["bank", "remote"]["ReferenceId"]])
        tap.equal(int(graph["ServiceGraphStartTime"].timestamp()), BASE)

        tap.equal(client.get_insight_summaries(**window, GroupName="Default", States=["ACTIVE"])["InsightSummaries"], [])
        tap.equal(len(client.get_insight_summaries(StartTime=BASE + 590, EndTime=BASE + 1800, GroupARN=summary["GroupARN"],
                                                   States=["CLOSED"])["InsightSummaries"]), 1)
        tap.equal(client.get_insight_summaries(StartTime=BASE + 600, EndTime=BASE + 1800, GroupName="Default")["InsightSummaries"], [])
        # Neither the time asked for nor a restart changes an id.
        collector.stop()
        collector.start()
        client = make_client(collector)
        tap.equal(client.get_insight(**key)["Insight"], insight)
        refuses(client.get_insight, "Insight not found.", InsightId="01234567-89ab-1def-8123-456789abcdef")
        refuses(client.get_insight_summaries, "GroupName", **window)
        refuses(client.get_insight_summaries, "30 days", GroupName="Default", StartTime=0, EndTime=BASE)
        refuses(client.get_insight_summaries, "NextToken", **window, GroupName="Default", NextToken="x")
        refuses(client.get_insight_events, "NextToken", **key, NextToken="7")
        refuses(client.get_insight_impact_graph, "6 hours", **key, StartTime=BASE - 30000, EndTime=BASE)


def test_insight_pages():
    """insights come in pages, newest first; those of one group are not those of another"""
    with tap.Collector() as collector:
        client = make_client(collector)
        client.update_group(GroupName="Default", InsightsConfiguration={"InsightsEnabled": True})
        client.create_group(GroupName="other", FilterExpression='service("other")', InsightsConfiguration={"InsightsEnabled": True})
        documents = []
        for hour in range(3):
            for minute in range(10):
                documents += [call_of(BASE - (3 - hour) * 3600 + minute * 60 + call, minute >= 7) for call in range(10)]
        put_all(collector, documents)
        question = {"StartTime": BASE - 4 * 3600, "EndTime": BASE, "GroupName": "Default", "MaxResults": 1}
        seen = []
        while True:
            page = client.get_insight_summaries(**question)
            seen += [int(each["StartTime"].timestamp()) for each in page["InsightSummaries"]]
            if "NextToken" not in page:
                break
            question["NextToken"] = page["NextToken"]
        tap.equal(seen, [BASE - hour * 3600 + 420 for hour in (1, 2, 3)])
        tap.equal(client.get_insight_summaries(StartTime=BASE - 4 * 3600, EndTime=BASE, GroupName="other")["InsightSummaries"], [])


def retrieve(client, ids, start=BASE - 3600, end=BASE + 1800):
    token = client.start_trace_retrieval(TraceIds=ids, StartTime=start, EndTime=end)["RetrievalToken"]
    tap.wait_until(lambda: client.list_retrieved_traces(RetrievalToken=token)["RetrievalStatus"] not in ("SCHEDULED", "RUNNING"),
                   "the retrieval is complete")
    return token


def list_all(client, token, form):
    """Every page; the traces with their spans put together."""
    found, more = {}, {}
    while True:
        page = client.list_retrieved_traces(RetrievalToken=token, TraceFormat=form, **more)
        tap.equal((page["RetrievalStatus"], page["TraceFormat"]), ("COMPLETE", form))
        assert len(page["Traces"]) <= 5
        for trace in page["Traces"]:
            assert len(trace["Spans"]) <= 100 and all(len(span["Document"]) <= 204800 for span in trace["Spans"])
            found.setdefault(trace["Id"], []).extend(trace["Spans"])
        if "NextToken" not in page:
            return found
        more = {"NextToken": page["NextToken"]}


def test_retrieval():
    """traces come in pages in both formats, with their graph"""
    with tap.Collector() as collector:
        client = make_client(collector)
        calls = [call_of(BASE + i) for i in range(7)]
        long_id = f"1-{BASE:08x}-{'f' * 24}"
        # One trace of 250 segments; one whose segment would be too long with its subsegments in it.
        many = [{**call_of(BASE + i / 10, trace=long_id), "parent_id": None if i == 0 else "f" * 16} for i in range(250)]
        many = [{key: value for key, value in each.items() if value is not None} for each in many]
        large = call_of(BASE + 50)
        parts = [{"type": "subsegment", "trace_id": large["trace_id"], "parent_id": large["id"], "id": f"c{i:015x}", "name": "part",
                  "start_time": BASE + 50, "end_time": BASE + 50.1, "metadata": {"default": {"text": "x" * 50000}}} for i in range(5)]
        put_all(collector, calls + many + [large] + parts)
        ids = [each["trace_id"] for each in calls] + [long_id, large["trace_id"], "1-00000000-000000000000000000000000"]
        token = retrieve(client, ids)
        traces = list_all(client, token, "XRAY")
        tap.equal(list(traces), ids[:-1])
        tap.equal([span["Id"] for span in traces[calls[0]["trace_id"]]], [calls[0]["id"]])
        tap.equal(json.loads(traces[calls[0]["trace_id"]][0]["Document"]), calls[0])
        tap.equal(len({span["Id"] for span in traces[long_id]}), 250)
        tap.equal({span["Id"]: json.loads(span["Document"]) for span in traces[large["trace_id"]]},
                  {each["id"]: each for each in [large] + parts})
        spans = list_all(client, token, "OTEL")
        tap.equal(list(spans), ids[:-1])
        tap.equal(len(spans[long_id]), 500)
        first = [json.loads(span["Document"]) for span in spans[calls[0]["trace_id"]]]
        tap.equal(sorted((span["name"], span["traceId"]) for span in first),
                  [(name, calls[0]["trace_id"].replace("-", "")[1:]) for name in ("bank", "web")])
        assert all("resource" in span for span in first), first
        graph = client.get_retrieved_traces_graph(RetrievalToken=token)
        tap.equal(graph["RetrievalStatus"], "COMPLETE")
        services = {(each["Service"]["Name"], each["Service"].get("Type")): each for each in graph["Services"]}
        tap.equal(services["web", None]["Service"]["SummaryStatistics"]["TotalCount"], 258)
        tap.equal(services["web", None]["Links"], [])
        # Not in that time.
        tap.equal(list_all(client, retrieve(client, ids, BASE - 3600, BASE - 1), "XRAY"), {})
        tap.equal(client.cancel_trace_retrieval(RetrievalToken=token)["ResponseMetadata"]["HTTPStatusCode"], 200)
        for function in (client.list_retrieved_traces, client.get_retrieved_traces_graph, client.cancel_trace_retrieval):
            error = refuses(function, "retrieval", RetrievalToken="nonsense")
            tap.equal((error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]), ("ResourceNotFoundException", 404))
        for bad in ("x", "9-0", "-1-0", "0-0x", "0"):
            refuses(client.list_retrieved_traces, "NextToken", RetrievalToken=token, NextToken=bad)
        refuses(client.get_retrieved_traces_graph, "NextToken", RetrievalToken=token, NextToken="3")
        refuses(client.start_trace_retrieval, "Invalid trace id", TraceIds=["1-x"], StartTime=BASE, EndTime=BASE)
        refuses(client.start_trace_retrieval, "End time", TraceIds=[], StartTime=BASE, EndTime=BASE - 1)
        for _ in range(30):
            retrieve(client, ids[:1])
        refuses(client.list_retrieved_traces, "retrieval", RetrievalToken=token)


def test_links():
    """the graph of retrieved traces tells which traces a service's segments name"""
    with tap.Collector() as collector:
        client = make_client(collector)
        sender, reader = call_of(BASE), call_of(BASE + 5)
        reader.update(name="mailer", links=[{"trace_id": sender["trace_id"], "id": sender["id"]}])
        put_all(collector, [sender, reader])
        graph = client.get_retrieved_traces_graph(RetrievalToken=retrieve(client, [reader["trace_id"]]))
        links = {each["Service"]["Name"]: each["Links"] for each in graph["Services"] if each["Service"].get("Type") is None}
        tap.equal(links["mailer"], [{"ReferenceType": "parent", "SourceTraceId": reader["trace_id"],
                                     "DestinationTraceIds": [sender["trace_id"]]}])


def test_demo():
    """the Petshop's bank, sent as the demo sends it, is found by the AWS CLI"""
    program = os.path.join(tap.BUILD, "src", "cli", "fluoroscope-cli")
    if not shutil.which("aws"):
        raise tap.Skip("awscli is not installed")
    with tap.Collector() as collector:
        variables = tap.environment(collector.home)
        variables.update(AWS_ACCESS_KEY_ID=collector.keys["full"][0], AWS_SECRET_ACCESS_KEY=collector.keys["full"][1],
                         AWS_DEFAULT_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true", AWS_DATA_PATH=data_path(collector))
        subprocess.run([program, "--endpoint", collector.endpoint, "demo", "--udp", collector.ready["udp"][0]], env=variables, check=True,
                       stdout=subprocess.DEVNULL, timeout=4 * tap.PATIENCE)
        collector.call("/UpdateGroup", {"GroupName": "Default", "InsightsConfiguration": {"InsightsEnabled": True}})

        def ask(*words):
            result = subprocess.run(["aws", "--endpoint-url", collector.endpoint, "--output", "json", "xray", *words], env=variables,
                                    text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=2 * tap.PATIENCE, check=False)
            tap.equal(result.returncode, 0, result.stderr)
            return json.loads(result.stdout)

        now = int(time.time())
        window = {"GroupName": "Default", "StartTime": now - 7200, "EndTime": now + 60}
        # Thirteen thousand traces take a moment until all of them are counted.
        tap.wait_until(lambda: [each["RootCauseServiceId"]["Name"] for each in collector.call("/InsightSummaries", window)[
            "InsightSummaries"]] == ["bank.example.com"], "there is one insight, and its cause is the bank")
        summaries = ask("get-insight-summaries", "--group-name", "Default", "--start-time", str(now - 7200), "--end-time", str(now + 60))
        events = ask("get-insight-events", "--insight-id", summaries["InsightSummaries"][0]["InsightId"])
        assert events["InsightEvents"], events
        series = ask("get-time-series-service-statistics", "--start-time", str(now - 7200), "--end-time", str(now + 60), "--group-name", "Default",
                     "--entity-selector-expression", 'service("bank.example.com")', "--forecast-statistics")
        assert any(each["ServiceSummaryStatistics"]["FaultStatistics"]["TotalCount"] >
                   each["ServiceForecastStatistics"].get("FaultCountHigh", 10 ** 9) for each in series["TimeSeriesServiceStatistics"]), series


if __name__ == "__main__":
    tap.run([test_series, test_group_and_forecast, test_pages, test_insight, test_insight_pages, test_retrieval, test_links, test_demo])
