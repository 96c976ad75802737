/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-console-link.h"

#define HOUR_NS (60 * FLUO_NSEC_PER_MIN)
#define TRACE "1-57f5498f-d91047849216d0f2ea3b6442"

/* Forms as the consoles write them, as AWS's guides give them, and as people pass them on. */
static const struct
{
  const char *text;
  FluoConsolePlace place;
  const char *region, *filter, *id;
  gint64 relative_ns, begin_s, end_s;
} forms[] = {
  /* X-Ray's own console. */
  { "https://console.aws.amazon.com/xray/home", FLUO_CONSOLE_MAP, NULL, NULL, NULL, 0, 0, 0 },
  { "https://console.aws.amazon.com/xray/home?region=us-east-1#/service-map", FLUO_CONSOLE_MAP,
    "us-east-1", NULL, NULL, 0, 0, 0 },
  { "https://eu-west-2.console.aws.amazon.com/xray/home?region=eu-west-2#/traces",
    FLUO_CONSOLE_TRACES, "eu-west-2", NULL, NULL, 0, 0, 0 },
  { "https://eu-west-2.console.aws.amazon.com/xray/home#/traces", FLUO_CONSOLE_TRACES, "eu-west-2",
    NULL, NULL, 0, 0, 0 },
  { "https://console.aws.amazon.com/xray/home#/traces/" TRACE "/raw", FLUO_CONSOLE_TRACE, NULL,
    NULL, TRACE, 0, 0, 0 },
  { "https://console.aws.amazon.com/xray/home#/traces/" TRACE, FLUO_CONSOLE_TRACE, NULL, NULL,
    TRACE, 0, 0, 0 },
  { "https://console.aws.amazon.com/xray/home#/traces?filter=service(\"api.amazon.com\") { fault = "
    "true OR responsetime > 2.5 } AND annotation.foo = \"bar\"",
    FLUO_CONSOLE_TRACES, NULL,
    "service(\"api.amazon.com\") { fault = true OR responsetime > 2.5 } AND annotation.foo = "
    "\"bar\"",
    NULL, 0, 0, 0 },
  { "https://us-east-2.console.aws.amazon.com/xray/home?region=us-east-2#/traces?filter="
    "service(%22api%22)%20%7B%20fault%20%7D&timeRange=PT1H10M",
    FLUO_CONSOLE_TRACES, "us-east-2", "service(\"api\") { fault }", NULL, 70 * FLUO_NSEC_PER_MIN, 0,
    0 },
  { "https://console.aws.amazon.com/xray/home#/service-map&timeRange=PT1H", FLUO_CONSOLE_MAP, NULL,
    NULL, NULL, HOUR_NS, 0, 0 },
  { "https://console.aws.amazon.com/xray/home?region=us-west-2#/service-map?timeRange="
    "2018-09-01T16:00~2018-09-01T22:00",
    FLUO_CONSOLE_MAP, "us-west-2", NULL, NULL, 0, 1535817600, 1535839200 },
  /* The guide's own example, with one digit for July. */
  { "https://console.aws.amazon.com/xray/home#/traces?timeRange="
    "2023-7-01T16:00:00~2023-7-01T22:00:00",
    FLUO_CONSOLE_TRACES, NULL, NULL, NULL, 0, 1688227200, 1688248800 },
  { "https://console.aws.amazon.com/xray/home#/traces?timeRange=2023-7-01T16:00~2023-7-01T22:00",
    FLUO_CONSOLE_TRACES, NULL, NULL, NULL, 0, 1688227200, 1688248800 },
  { "https://console.aws.amazon.com/xray/home#/traces?timeRange=nonsense&filter=",
    FLUO_CONSOLE_TRACES, NULL, NULL, NULL, 0, 0, 0 },
  { "https://console.aws.amazon.com/xray/home?region=evil.example.com/#/traces",
    FLUO_CONSOLE_TRACES, NULL, NULL, NULL, 0, 0, 0 },
  /* CloudWatch's. */
  { "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#xray:"
    "service-map/map",
    FLUO_CONSOLE_MAP, "eu-central-1", NULL, NULL, 0, 0, 0 },
  { "https://ap-southeast-2.console.aws.amazon.com/cloudwatch/home?region=ap-southeast-2#xray:"
    "service-map/map?~(query~()~context~(timeRange~(delta~21600000)))",
    FLUO_CONSOLE_MAP, "ap-southeast-2", NULL, NULL, 6 * HOUR_NS, 0, 0 },
  { "https://ap-southeast-1.console.aws.amazon.com/cloudwatch/home?region=ap-southeast-1#xray:"
    "traces/query?~(query~(expression~'Annotation.x_reference_id*20*3d*20*22abc*22)~context~("
    "timeRange~(delta~21600000)))",
    FLUO_CONSOLE_TRACES, "ap-southeast-1", "Annotation.x_reference_id = \"abc\"", NULL, 6 * HOUR_NS,
    0, 0 },
  { "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#xray:traces/" TRACE
    "?~(query~()~context~(timeRange~(end~'2026-11-19T14*3a32*3a00.000Z~start~"
    "'2026-11-19T14*3a17*3a00.500Z)))",
    FLUO_CONSOLE_TRACE, "us-east-1", NULL, TRACE, 0, 1795097820, 1795098720 },
  { "https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#servicelens:traces/"
    TRACE "?~(query~()~context~())",
    FLUO_CONSOLE_TRACE, "us-west-2", NULL, TRACE, 0, 0, 0 },
  { "https://ap-northeast-1.console.aws.amazon.com/cloudwatch/home?region=ap-northeast-1#"
    "servicelens:traces/" TRACE "?~(query~(filter~(node~'*7e*28name*7e*27fn*29))~context~())",
    FLUO_CONSOLE_TRACE, "ap-northeast-1", NULL, TRACE, 0, 0, 0 },
  { "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#servicelens:"
    "service-map/map",
    FLUO_CONSOLE_MAP, "eu-west-1", NULL, NULL, 0, 0, 0 },
  { "https://ap-southeast-2.console.aws.amazon.com/cloudwatch/home?region=ap-southeast-2#"
    "servicelens:map",
    FLUO_CONSOLE_MAP, "ap-southeast-2", NULL, NULL, 0, 0, 0 },
  /* The trace's id is what a node of it, or a query of its log lines, leads to. */
  { "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:logs-insights"
    "$3FqueryDetail$3D~(end~'2026-11-19T14*3a32*3a00.000Z~start~'2026-11-19T14*3a17*3a00.000Z~"
    "timeType~'ABSOLUTE~tz~'UTC~editorString~'fields*20*40message*20*7c*20filter*20*40message*20"
    "like*20*22" TRACE "*22~source~(~'*2faws*2flambda*2fcart))",
    FLUO_CONSOLE_TRACE, "eu-west-1", NULL, TRACE, 0, 1795097820, 1795098720 },
  { "https://console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:logs-insights$3F"
    "queryDetail$3D$257E$2528end$257E0$257Estart$257E-1800$257EtimeType$257E$2527RELATIVE$257Eunit"
    "$257E$2527seconds$257EeditorString$257E$2527filter*20traceId*20*3d*20*22"
    "57f5498fd91047849216d0f2ea3b6442*22$257Esource$257E$2528$257E$2527aws*2fspans$2529$2529",
    FLUO_CONSOLE_TRACE, "us-east-1", NULL, TRACE, 30 * FLUO_NSEC_PER_MIN, 0, 0 },
  { "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#log-analytics?active"
    "=~'a&a.id=~'x&a.query=~'SOURCE*20*22*2fecs*2fcart*22*20START*3d-1w*20*7c*20filter*20*40message"
    "*20like*20*22" TRACE "*22",
    FLUO_CONSOLE_TRACE, "us-east-1", NULL, TRACE, 0, 0, 0 },
  /* Transaction Search: its page, and a query of its spans. */
  { "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#application-signals:"
    "transaction-search",
    FLUO_CONSOLE_TRACES, "us-east-1", NULL, NULL, 0, 0, 0 },
  { "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#xray:transaction-"
    "search",
    FLUO_CONSOLE_TRACES, "us-east-1", NULL, NULL, 0, 0, 0 },
  { "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:logs-insights"
    "?queryDetail=~(end~1795098720~start~1795097820~timeType~'ABSOLUTE~editorString~'stats*20count"
    "*28*2a*29~source~(~'arn*3aaws*3alogs*3aus-east-1*3a111122223333*3alog-group*3aaws*2fspans))",
    FLUO_CONSOLE_TRACES, "us-east-1", NULL, NULL, 0, 1795097820, 1795098720 },
  { "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#application-signals:"
    "map",
    FLUO_CONSOLE_MAP, "us-east-1", NULL, NULL, 0, 0, 0 },
  /* Two addresses of one session of several accounts, a W3C id, blanks from a chat, escapes. */
  { "https://402155889917-abc12345.eu-west-1.console.aws.amazon.com/cloudwatch/home?region="
    "eu-west-1#xray:traces",
    FLUO_CONSOLE_TRACES, "eu-west-1", NULL, NULL, 0, 0, 0 },
  { "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#xray:traces/"
    "57f5498fd91047849216d0f2ea3b6442",
    FLUO_CONSOLE_TRACE, "us-east-1", NULL, TRACE, 0, 0, 0 },
  { "  https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#xray:traces/query"
    "?%7E%28query%7E%28expression%7E%27fault%29%29\n",
    FLUO_CONSOLE_TRACES, "eu-west-1", "fault", NULL, 0, 0, 0 },
  { "https://EU-WEST-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#xray:traces/query?~("
    "query~(expression~'service*28*22**6ce8**6587*22*29))",
    FLUO_CONSOLE_TRACES, "eu-west-1", "service(\"注文\")", NULL, 0, 0, 0 },
  /* Other partitions. */
  { "https://cn-north-1.console.amazonaws.cn/xray/home?region=cn-north-1#/traces",
    FLUO_CONSOLE_TRACES, "cn-north-1", NULL, NULL, 0, 0, 0 },
  { "https://console.amazonaws-us-gov.com/cloudwatch/home?region=us-gov-west-1#xray:service-map",
    FLUO_CONSOLE_MAP, "us-gov-west-1", NULL, NULL, 0, 0, 0 },
  { "https://eusc-de-east-1.console.amazonaws-eusc.eu/cloudwatch/home?region=eusc-de-east-1#xray:"
    "traces",
    FLUO_CONSOLE_TRACES, "eusc-de-east-1", NULL, NULL, 0, 0, 0 },
};

static void
test_forms (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (FluoConsoleLink) link = fluo_console_link_parse (forms[i].text, &error);

      g_test_message ("%s", forms[i].text);
      g_assert_no_error (error);
      g_assert_true (fluo_console_link_is_meant (forms[i].text));
      g_assert_cmpint (link->place, ==, forms[i].place);
      g_assert_cmpstr (link->region, ==, forms[i].region);
      g_assert_cmpstr (link->filter, ==, forms[i].filter);
      g_assert_cmpint (link->relative_ns, ==, forms[i].relative_ns);
      g_assert_cmpint (link->span.begin_ns / FLUO_NSEC_PER_SEC, ==, forms[i].begin_s);
      g_assert_cmpint (link->span.end_ns / FLUO_NSEC_PER_SEC, ==, forms[i].end_s);
      if (forms[i].id)
        {
          g_autofree char *id = fluo_trace_id_to_string (&link->id);

          g_assert_cmpstr (id, ==, forms[i].id);
        }
    }
}

/* A service that is selected on the map, and a group. */
static void
test_node (void)
{
  static const struct
  {
    const char *text, *node, *type, *group;
  } cases[] = {
    { "#servicelens:traces/" TRACE "?~(query~(filter~(node~'*7e*28name*7e*27test_lambda_function*7e"
      "type*7e*27AWS*2a3a*2a3aLambda*2a3a*2a3aFunction*7edataSource*7e*27xray*29))~context~())",
      "test_lambda_function", "AWS::Lambda::Function", NULL },
    { "#xray:service-map/map?~(query~(filter~(node~'*7e*28name*7e*27cart*29))~context~(xrayGroup~'"
      "Slow~timeRange~(delta~300000)))",
      "cart", NULL, "Slow" },
    { "#xray:service-map/map?~(query~(filter~(node~'a-b-c-d))~context~(xrayGroup~'Default))", NULL,
      NULL, NULL },
    { "#xray:traces/query?~(query~(filter~())~context~(xrayGroup~'~timeRange~(delta~300000)))",
      NULL, NULL, NULL },
    { "#application-signals:services/Environment%3Deks%3Ademo%2Fdefault%26Name%3Dvisits-service%26"
      "Type%3DService/operations?selectedOperation=POST",
      "visits-service", NULL, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strconcat (
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1", cases[i].text,
        NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (FluoConsoleLink) link = fluo_console_link_parse (text, &error);

      g_test_message ("%s", text);
      g_assert_no_error (error);
      g_assert_cmpstr (link->node, ==, cases[i].node);
      g_assert_cmpstr (link->node_type, ==, cases[i].type);
      g_assert_cmpstr (link->group, ==, cases[i].group);
      g_assert_null (link->filter);
    }
}

/* Log lines: what is looked for comes back as the trace it is of. */
static void
test_logs (void)
{
  static char *groups[] = { (char *) "/aws/lambda/cart", (char *) "/ecs/it's (x)", NULL };
  g_autoptr (FluoConsoleLink) link = fluo_console_link_new (FLUO_CONSOLE_LOGS, "eu-west-1");
  g_autoptr (FluoConsoleLink) read = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = NULL, *id = NULL;

  link->log_query = g_strdup ("fields @message | filter @message like \"" TRACE "\"\n| limit 20");
  link->log_groups = g_strdupv (groups);
  link->span = (FluoTimeSpan) { 1795097820500 * FLUO_NSEC_PER_MSEC,
                                1795098720000 * FLUO_NSEC_PER_MSEC };
  uri = fluo_console_link_dup_uri (link);
  g_assert_cmpstr (
    uri, ==,
    "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:logs-insights"
    "$3FqueryDetail$3D~(start~'2026-11-19T14*3a17*3a00.500Z~end~'2026-11-19T14*3a32*3a00.000Z~"
    "timeType~'ABSOLUTE~tz~'UTC~editorString~'fields*20*40message*20*7c*20filter*20*40message*20"
    "like*20*22" TRACE "*22*0a*7c*20limit*2020~source~(~'*2faws*2flambda*2fcart~'*2fecs*2fit*27s"
    "*20*28x*29))");
  read = fluo_console_link_parse (uri, &error);
  g_assert_no_error (error);
  g_assert_cmpint (read->place, ==, FLUO_CONSOLE_TRACE);
  id = fluo_trace_id_to_string (&read->id);
  g_assert_cmpstr (id, ==, TRACE);
  g_assert_true (fluo_time_span_equal (read->span, link->span));
}

/* A browser with several accounts says which one it shows. */
static void
test_account (void)
{
  g_autoptr (FluoConsoleLink) several = fluo_console_link_parse (
    "https://402155889917-abc12345.eu-west-1.console.aws.amazon.com/cloudwatch/home#xray:traces",
    NULL);
  g_autoptr (FluoConsoleLink) one = fluo_console_link_parse (
    "https://eu-west-1.console.aws.amazon.com/cloudwatch/home#xray:traces", NULL);
  g_autoptr (FluoConsoleLink) other = fluo_console_link_parse (
    "https://4021-x.eu-west-1.console.aws.amazon.com/cloudwatch/home#xray:traces", NULL);

  g_assert_cmpstr (several->account, ==, "402155889917");
  g_assert_cmpstr (several->region, ==, "eu-west-1");
  g_assert_null (one->account);
  g_assert_null (other->account);
}

static const struct
{
  const char *text;
  FluoConsoleLinkError code;
} refused[] = {
  { "", FLUO_CONSOLE_LINK_ERROR_OTHER },
  { "service(\"api\")", FLUO_CONSOLE_LINK_ERROR_OTHER },
  { "http://console.aws.amazon.com/xray/home#/traces", FLUO_CONSOLE_LINK_ERROR_OTHER },
  { "javascript:alert(1)", FLUO_CONSOLE_LINK_ERROR_OTHER },
  { "https://console.aws.amazon.com.example.com/xray/home", FLUO_CONSOLE_LINK_ERROR_OTHER },
  { "https://example.com/console.aws.amazon.com/xray/home", FLUO_CONSOLE_LINK_ERROR_OTHER },
  { "https://evilconsole.aws.amazon.com/xray/home#/traces", FLUO_CONSOLE_LINK_ERROR_OTHER },
  { "https://console.aws.amazon.com@example.com/xray/home", FLUO_CONSOLE_LINK_ERROR_OTHER },
  { "https://console.aws.amazon.com:8080/xray/home", FLUO_CONSOLE_LINK_ERROR_OTHER },
  { "https://x_y.console.aws.amazon.com/xray/home", FLUO_CONSOLE_LINK_ERROR_OTHER },
  { "https://console.aws.amazon.com/lambda/home?region=us-east-1#/functions",
    FLUO_CONSOLE_LINK_ERROR_PAGE },
  { "https://console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards:name=x",
    FLUO_CONSOLE_LINK_ERROR_PAGE },
  { "https://console.aws.amazon.com/xray/home#/welcome", FLUO_CONSOLE_LINK_ERROR_PAGE },
  { "https://console.aws.amazon.com/cloudwatch/home?region=us-east-1#application-signals:slos",
    FLUO_CONSOLE_LINK_ERROR_PAGE },
  /* Log lines of no trace. */
  { "https://console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:logs-insights$3F"
    "queryDetail$3D~(end~0~start~-3600~timeType~'RELATIVE~editorString~'fields*20*40message~source"
    "~(~'*2fecs*2fcart))",
    FLUO_CONSOLE_LINK_ERROR_PAGE },
  { "https://console.aws.amazon.com/cloudwatch/home#logsV2:log-groups",
    FLUO_CONSOLE_LINK_ERROR_PAGE },
  { "https://console.aws.amazon.com/xray/home#/traces/1-57f5498f-zz",
    FLUO_CONSOLE_LINK_ERROR_INVALID },
};

static void
test_refused (void)
{
  g_autofree char *long_one = g_strnfill (FLUO_CONSOLE_LINK_LEN_MAX + 1, 'x');

  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (FluoConsoleLink) link = fluo_console_link_parse (refused[i].text, &error);

      g_test_message ("%s", refused[i].text);
      g_assert_null (link);
      g_assert_error (error, FLUO_CONSOLE_LINK_ERROR, (int) refused[i].code);
      g_assert_cmpint (fluo_console_link_is_meant (refused[i].text), ==,
                       refused[i].code != FLUO_CONSOLE_LINK_ERROR_OTHER);
    }
  g_assert_null (fluo_console_link_parse (long_one, NULL));
}

/* The notation cut, doubled and broken anywhere: the page is understood, or nothing is. */
static void
test_broken (void)
{
  const char *whole =
    "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#xray:traces/query?~("
    "query~(expression~'fault*20**6ce8~list~(~'a~(b~'c)~'d)~filter~(node~'*7e*28name*7e*27x*29))~"
    "context~(timeRange~(delta~60000)))";
  g_autoptr (GString) deep = g_string_new (
    "https://eu-west-1.console.aws.amazon.com/cloudwatch/home#xray:traces?~");

  for (gsize length = 0; length < strlen (whole); length++)
    {
      g_autofree char *cut = g_strndup (whole, length);
      g_autoptr (FluoConsoleLink) link = fluo_console_link_parse (cut, NULL);

      g_assert_true (!link || !link->filter || g_str_has_prefix (link->filter, "f"));
      for (guint c = 0; c < 4; c++)
        {
          g_autofree char *other = g_strdup (whole);
          g_autoptr (FluoConsoleLink) broken = NULL;

          other[length] = "~()*"[c];
          broken = fluo_console_link_parse (other, NULL);
          g_assert_true (!broken || !broken->filter
                         || g_utf8_validate (broken->filter, -1, NULL));
        }
    }
  for (guint i = 0; i < 5000; i++)
    g_string_append (deep, "(a~");
  {
    g_autoptr (FluoConsoleLink) link = fluo_console_link_parse (deep->str, NULL);

    g_assert_nonnull (link);
    g_assert_null (link->filter);
  }
}

/* What is written is read as the same. */
static void
test_round_trip (void)
{
  static const char *const filters[] = {
    NULL, "fault", "service(\"注文 ~ (x)\") { responsetime > 2.5 } AND annotation.a = \"it's *1*!\"",
    "http.url CONTAINS \"/ä?b=%20&c#d\""
  };
  static const char *const regions[] = { "eu-central-1", "cn-north-1", "us-gov-west-1",
                                         "eusc-de-east-1", "us-isob-east-1" };

  for (guint r = 0; r < G_N_ELEMENTS (regions); r++)
    for (guint f = 0; f < G_N_ELEMENTS (filters); f++)
      for (guint place = 0; place <= FLUO_CONSOLE_TRACE; place++)
        for (guint range = 0; range < 3; range++)
          {
            g_autoptr (FluoConsoleLink) link = fluo_console_link_new (place, regions[r]);
            g_autoptr (FluoConsoleLink) read = NULL;
            g_autoptr (GError) error = NULL;
            g_autofree char *uri = NULL;

            link->filter = g_strdup (filters[f]);
            link->node = g_strdup (f > 1 ? "注文 ~ (x)'s" : NULL);
            link->node_type = g_strdup (f > 2 ? "AWS::EC2::Instance" : NULL);
            link->group = g_strdup (f == 1 ? "Slow-ones" : NULL);
            g_assert_true (fluo_trace_id_parse (TRACE, -1, &link->id));
            if (range == 1)
              link->relative_ns = 15 * FLUO_NSEC_PER_MIN;
            else if (range == 2)
              link->span = (FluoTimeSpan) { 1795097820500 * FLUO_NSEC_PER_MSEC,
                                            1795098720000 * FLUO_NSEC_PER_MSEC };
            uri = fluo_console_link_dup_uri (link);
            read = fluo_console_link_parse (uri, &error);
            g_assert_no_error (error);
            g_assert_cmpint (read->place, ==, link->place);
            g_assert_cmpstr (read->region, ==, link->region);
            g_assert_cmpstr (read->filter, ==,
                             place == FLUO_CONSOLE_TRACE ? NULL : link->filter);
            g_assert_cmpstr (read->node, ==, link->node);
            g_assert_cmpstr (read->node_type, ==, link->node_type);
            g_assert_cmpstr (read->group, ==, link->group);
            g_assert_cmpint (read->relative_ns, ==, link->relative_ns);
            g_assert_true (fluo_time_span_equal (read->span, link->span));
            /* Nothing in it needs escaping in a page or a chat. */
            g_assert_null (strpbrk (uri, " \"<>\\^`{|}\n"));
          }
}

static void
test_no_region (void)
{
  g_autoptr (FluoConsoleLink) none = fluo_console_link_new (FLUO_CONSOLE_MAP, NULL);
  g_autoptr (FluoConsoleLink) bad = fluo_console_link_new (FLUO_CONSOLE_MAP, "x.example.com/");

  g_assert_null (fluo_console_link_dup_uri (none));
  g_assert_null (fluo_console_link_dup_uri (bad));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/console-link/forms", test_forms);
  g_test_add_func ("/console-link/node", test_node);
  g_test_add_func ("/console-link/logs", test_logs);
  g_test_add_func ("/console-link/account", test_account);
  g_test_add_func ("/console-link/refused", test_refused);
  g_test_add_func ("/console-link/broken", test_broken);
  g_test_add_func ("/console-link/round-trip", test_round_trip);
  g_test_add_func ("/console-link/no-region", test_no_region);
  return g_test_run ();
}
