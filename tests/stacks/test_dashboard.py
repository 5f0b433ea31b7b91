"""The dashboard of a cell is one that CloudWatch takes, of things that there are."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from components.observability.dashboard.colors import zone_color
from components.observability.dashboard.dashboard import METRICS as MOST
from components.observability.dashboard.dashboard import QUESTIONS
from core.facts.metrics import METRICS, Metric, logged
from core.log_queries import DISCOVERED, FIELDS
from tests.stacks.objects import of_kind
from tests.stacks.test_properties import GROUP, NAT, by_id, outputs_of
from tools.recording import Recording
from tools.recording.record import ROOT

SCHEMA = json.loads(
    (ROOT / "tests" / "stacks" / "dashboard.schema.json").read_text(encoding="utf-8")
)
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
QUERY = "aws:cloudwatch/queryDefinition:QueryDefinition"
ALARMS = ("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm")
FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
WORDS = {
    "filter", "and", "or", "in", "like", "not", "parse", "fields", "stats", "as", "by", "sort",
    "desc", "limit", "count", "count_distinct", "sum", "min", "max", "datefloor",
}  # fmt: skip
"""Commands, operators and functions of the query language."""

Json = dict[str, Any]


def body_of(recording: Recording) -> Json:
    [dashboard] = recording.of_type(DASHBOARD)
    return json.loads(str(dashboard.inputs["dashboardBody"]))


def widgets_of(recording: Recording, type_: str) -> list[Json]:
    return [each for each in body_of(recording)["widgets"] if each["type"] == type_]


def series_of(recording: Recording) -> Iterator[tuple[list[str], Json, str]]:
    """Namespace, name and dimensions, style and region of every metric."""
    for widget in widgets_of(recording, "metric"):
        for *path, style in widget["properties"]["metrics"]:
            if path:
                yield path, style, widget["properties"]["region"]


def test_the_dashboard_has_a_name_and_the_structure_that_cloudwatch_documents(
    recording: Recording,
) -> None:
    [dashboard] = recording.of_type(DASHBOARD)
    assert dashboard.inputs["dashboardName"] == f"eks-{recording.stack}"
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,255}", str(dashboard.inputs["dashboardName"]))
    Draft202012Validator.check_schema(SCHEMA)
    wrong = [*Draft202012Validator(SCHEMA).iter_errors(body_of(recording))]
    assert wrong == [], "PutDashboard fails, and with it `pulumi up`"


def test_no_widget_covers_another_or_leaves_the_grid(recording: Recording) -> None:
    places = [
        (each["x"], each["y"], each["x"] + each["width"], each["y"] + each["height"])
        for each in body_of(recording)["widgets"]
    ]
    assert max(right for _, _, right, _ in places) == 24
    for one, other in combinations(places, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, "somebody would see one of the two"
    below = sorted({(top, bottom) for _, top, _, bottom in places})
    assert all(end == top for (_, end), (top, _) in pairwise(below))


def test_every_question_is_asked_once_and_in_order(recording: Recording) -> None:
    texts = [each["properties"]["markdown"] for each in widgets_of(recording, "text")]
    asked = [text.split("\n")[0] for text in texts if text.startswith("## ")]
    assert asked == [f"## {question}" for question in QUESTIONS]


def test_every_metric_is_published_so(recording: Recording) -> None:
    known = {(each.namespace, each.name): each for each in METRICS}
    found = 0
    for (space, name, *dimensions), style, _ in series_of(recording):
        own = space == f"ha-eks/{recording.stack}"
        metric: Metric = logged(recording.stack, name) if own else known[space, name]
        assert metric.published(dimensions[::2], style["stat"]), f"{name} would stay empty"
        found += 1
    assert found > 30
    assert found <= MOST


def test_every_metric_is_of_something_that_there_is(recording: Recording) -> None:
    workloads = {
        (each["metadata"]["namespace"], each["metadata"]["name"])
        for each in of_kind(recording, "Deployment")
    }
    group = "autoscalingGroups"
    values: dict[str, set[object]] = {
        "ClusterName": {recording.stack},
        "LoadBalancer": {e["arnSuffix"] for e in outputs_of(recording, BALANCER)},
        "TargetGroup": {
            e["arnSuffix"] for e in outputs_of(recording, "aws:lb/targetGroup:TargetGroup")
        },
        "AvailabilityZone": {*recording.settings.network.zones_in},
        "AutoScalingGroupName": {
            e["resources"][0][group][0]["name"] for e in outputs_of(recording, GROUP)
        },
        "NatGatewayId": {*by_id(recording, NAT)},
        "HealthCheckId": {*by_id(recording, "aws:route53/healthCheck:HealthCheck")},
    }  # fmt: skip
    for (_, name, *dimensions), _, region in series_of(recording):
        of = dict(zip(dimensions[::2], dimensions[1::2], strict=True))
        if "PodName" in of:
            assert (of.pop("Namespace"), of.pop("PodName")) in workloads, f"{name} of nothing"
        for dimension, value in of.items():
            assert value in values[dimension], f"{name} of a {dimension} that is not there"
        assert region == ("us-east-1" if "HealthCheckId" in of else recording.settings.aws.region)


def test_formulas_are_of_lines_of_their_own_graph(recording: Recording) -> None:
    formulas = 0
    for widget in widgets_of(recording, "metric"):
        entries = [entry[-1] for entry in widget["properties"]["metrics"]]
        ids = [entry["id"] for entry in entries if "id" in entry]
        assert len(ids) == len(set(ids))
        used: set[str] = set()
        for entry in entries:
            if "expression" in entry:
                formulas += 1
                used |= set(re.findall(r"\b[a-z][A-Za-z0-9_]*\b", entry["expression"]))
        assert used == set(ids), f"{widget['properties']['title']}: an error instead of a line"
        hidden = [entry for entry in entries if entry.get("visible") is False]
        assert all(entry["id"] in used for entry in hidden), "it is paid for, and for nothing"
    assert formulas > 5


def test_lines_are_told_apart_and_begin_at_zero(recording: Recording) -> None:
    for widget in widgets_of(recording, "metric"):
        shown = [
            entry[-1]["label"]
            for entry in widget["properties"]["metrics"]
            if entry[-1].get("visible", True)
        ]
        assert len(shown) == len(set(shown)), widget["properties"]["title"]
        assert widget["properties"]["yAxis"]["left"]["min"] == 0
        assert widget["properties"]["yAxis"]["left"]["label"]


def test_a_zone_has_one_colour_everywhere(recording: Recording) -> None:
    zones = recording.settings.network.zones
    assert len({zone_color(zone) for zone in zones}) == len(zones)
    seen: set[str] = set()
    for widget in widgets_of(recording, "metric"):
        for entry in widget["properties"]["metrics"]:
            zone = entry[-1]["label"].split(" ")[-1]
            if zone in zones and entry[-1].get("visible", True):
                assert entry[-1]["color"] == zone_color(zone), widget["properties"]["title"]
                seen.add(zone)
    assert seen >= set(recording.settings.network.zones_in)


def test_every_alarm_of_the_dashboard_is_one_of_the_cell_and_each_is_on_it(
    recording: Recording,
) -> None:
    shown = [arn for each in widgets_of(recording, "alarm") for arn in each["properties"]["alarms"]]
    made = {arn["arn"] for type_ in ALARMS for arn in outputs_of(recording, type_)}
    assert len(shown) == len(set(shown))
    assert set(shown) == made, "nobody would see it, or a gap"


def log_groups(recording: Recording) -> dict[str, str]:
    """What is in each log group that is queried, by its name."""
    ours = {f"/aws/containerinsights/{recording.stack}/{kind}": kind for kind in FIELDS}
    ours[f"/aws/eks/{recording.stack}/cluster"] = "control-plane"
    made = {each.inputs["name"] for each in recording.of_type("aws:cloudwatch/logGroup:LogGroup")}
    return {name: kind for name, kind in ours.items() if name in made}


def fields_of(text: str) -> set[str]:
    """What a query reads, but what it names itself."""
    bare = re.sub(r'"[^"]*"|/(?:[^/\n])+/', " ", text)
    own = set(re.findall(r"\bas (\w+)", bare)) | set(re.findall(r"\?<(\w+)>", text))
    bare = re.sub(r"\b[0-9]+m?\b", " ", bare)
    return set(re.findall(r"@?[A-Za-z_][\w.]*", bare)) - own - WORDS


def test_queries_read_fields_that_somebody_writes(recording: Recording) -> None:
    saved = [
        (each.inputs["logGroupNames"], str(each.inputs["queryString"]))
        for each in recording.of_type(QUERY)
    ]
    shown = [
        ([query.split("'")[1]], query.partition(" | ")[2])
        for each in widgets_of(recording, "log")
        for query in (each["properties"]["query"],)
    ]
    known = log_groups(recording)
    assert len(saved) >= 10
    assert len(shown) >= 2
    for groups, text in [*saved, *shown]:
        [group] = groups
        unknown = fields_of(text) - FIELDS[known[group]] - DISCOVERED
        assert unknown == set(), f"always empty:\n{text}"
        assert len(text) <= 10_000


def test_tables_of_the_dashboard_are_saved_queries_by_the_same_name(recording: Recording) -> None:
    saved = {
        str(each.inputs["name"]): each.inputs["queryString"] for each in recording.of_type(QUERY)
    }
    assert all(name.startswith(f"{recording.stack}/") for name in saved)
    for each in widgets_of(recording, "log"):
        title, query = each["properties"]["title"], each["properties"]["query"]
        assert query.partition(" | ")[2] == saved[f"{recording.stack}/{title}"]


def test_the_docs_show_the_queries_as_they_are_saved(previewed: Callable[[str], Recording]) -> None:
    recording = previewed("prod")
    docs = Path(ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    shown = re.findall(r"`prod/([\w ]+)`[^\n]*\n+```\n(.*?)\n```", docs, re.DOTALL)
    saved = {
        str(each.inputs["name"]).removeprefix("prod/"): each.inputs["queryString"]
        for each in recording.of_type(QUERY)
    }
    assert dict(shown) == saved


def test_the_docs_name_graphs_and_tables_that_there_are(
    previewed: Callable[[str], Recording],
) -> None:
    recording = previewed("prod")
    docs = Path(ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    _, _, first = docs.partition("## Where to look first")
    words = re.sub(r"```.*?```", "", first, flags=re.DOTALL).replace("**", "")
    named = set(re.findall(r"\*([^*\n]+)\*", words))
    titles = {
        each["properties"]["title"]
        for type_ in ("metric", "log")
        for each in widgets_of(recording, type_)
    }
    assert len(named) > 10
    assert named <= titles | set(QUESTIONS), named - titles


def test_what_the_dashboard_shows_of_logs_is_counted(recording: Recording) -> None:
    shown = {
        name for (space, name, *_), _, _ in series_of(recording) if space.startswith("ha-eks/")
    }
    filters = [each.inputs["metricTransformation"] for each in recording.of_type(FILTER)]
    assert shown == {each["name"] for each in filters}, "a graph of nothing, or nobody's count"
    assert {each["namespace"] for each in filters} == {f"ha-eks/{recording.stack}"}


def test_a_cell_with_capacity_buffers_says_where_to_look(recording: Recording) -> None:
    texts = " ".join(each["properties"]["markdown"] for each in widgets_of(recording, "text"))
    buffers = recording.settings.headroom.mode == "capacityBuffer"
    assert ("kubectl -n headroom get capacitybuffers" in texts) == buffers
