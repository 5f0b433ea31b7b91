"""The dashboard of each stack: structure, existing metrics, and the quotes in the docs."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from components.observability.dashboard.colors import zone_color
from components.observability.dashboard.dashboard import MAX_METRICS, SECTIONS
from core.facts.metrics import METRICS, PENDING_PODS, Metric, log_metric
from core.log_queries import DISCOVERED_FIELDS, FIELDS
from tests.alarm_evaluation import all_alarms
from tests.stacks.objects import of_kind
from tests.stacks.resources import GROUP, NAT, by_id, outputs_of
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
KEYWORDS = {
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
    """Yields namespace, name and dimensions, style and region of every metric."""
    for widget in widgets_of(recording, "metric"):
        for *path, style in widget["properties"]["metrics"]:
            if path:
                yield path, style, widget["properties"]["region"]


def test_the_dashboard_has_a_valid_name_and_the_documented_structure(
    recording: Recording,
) -> None:
    [dashboard] = recording.of_type(DASHBOARD)
    assert dashboard.inputs["dashboardName"] == f"eks-{recording.stack}"
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,255}", str(dashboard.inputs["dashboardName"]))
    Draft202012Validator.check_schema(SCHEMA)
    errors = [*Draft202012Validator(SCHEMA).iter_errors(body_of(recording))]
    assert errors == [], "PutDashboard fails, and with it `pulumi up`"


def test_widgets_do_not_overlap_and_stay_within_the_grid(recording: Recording) -> None:
    places = [
        (each["x"], each["y"], each["x"] + each["width"], each["y"] + each["height"])
        for each in body_of(recording)["widgets"]
    ]
    assert max(right for _, _, right, _ in places) == 24
    for one, other in combinations(places, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, "one widget hides another"
    rows = sorted({(top, bottom) for _, top, _, bottom in places})
    assert all(end == top for (_, end), (top, _) in pairwise(rows))


def test_every_section_has_one_heading_in_order(recording: Recording) -> None:
    texts = [each["properties"]["markdown"] for each in widgets_of(recording, "text")]
    headings = [text for text in texts if text.startswith("## ")]
    assert headings == [f"## {name}\n{explanation}" for name, (explanation, _) in SECTIONS.items()]


def test_the_texts_of_prod_are_those_of_the_reviewed_list(
    previewed: Callable[[str], Recording],
) -> None:
    """dashboard_texts.txt has headings, titles, units, labels and limits, from top to bottom."""
    recording = previewed("prod")
    reviewed = (ROOT / "tests/stacks/dashboard_texts.txt").read_text(encoding="utf-8")
    assert "".join(f"{line}\n" for line in texts_of(recording)) == reviewed


def texts_of(recording: Recording) -> Iterator[str]:
    """Yields the texts of a dashboard, from top to bottom."""
    for widget in body_of(recording)["widgets"]:
        properties = widget["properties"]
        if "markdown" in properties:
            yield properties["markdown"]
            continue
        yield f"[{widget['type']}] {properties['title']}"
        if widget["type"] == "metric":
            visible = [e[-1] for e in properties["metrics"] if e[-1].get("visible", True)]
            limits = properties.get("annotations", {}).get("horizontal", [])
            yield f"  unit: {properties['yAxis']['left']['label']}"
            yield f"  lines: {', '.join(each['label'] for each in visible)}"
            yield from (f"  limit: {each['label']}" for each in limits)


def test_every_metric_has_documented_dimensions_and_statistics(recording: Recording) -> None:
    known = {(each.namespace, each.name): each for each in METRICS}
    found = 0
    for (namespace, name, *dimensions), style, _ in series_of(recording):
        of_filter = namespace == f"ha-eks/{recording.stack}"
        metric: Metric = log_metric(recording.stack, name) if of_filter else known[namespace, name]
        assert metric.is_published(dimensions[::2], style["stat"]), f"{name} would have no data"
        found += 1
    assert found > 30
    assert found <= MAX_METRICS


def test_no_graph_shows_a_metric_that_counts_pods_twice(recording: Recording) -> None:
    """The leader and the agent of the node both publish 1 for a pod that is pending on a node."""
    assert PENDING_PODS.name not in {name for (_, name, *_), _, _ in series_of(recording)}


def test_every_metric_refers_to_existing_resources(recording: Recording) -> None:
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
        by_name = dict(zip(dimensions[::2], dimensions[1::2], strict=True))
        if "PodName" in by_name:
            workload = by_name.pop("Namespace"), by_name.pop("PodName")
            assert workload in workloads, f"{name}: no workload {workload}"
        for dimension, value in by_name.items():
            assert value in values[dimension], f"{name}: no {dimension} {value}"
        expected = "us-east-1" if "HealthCheckId" in by_name else recording.settings.aws.region
        assert region == expected, f"{name} has no data in {region}"


def test_the_dashboard_of_prod_has_formulas(previewed: Callable[[str], Recording]) -> None:
    widgets = widgets_of(previewed("prod"), "metric")
    entries = [entry[-1] for widget in widgets for entry in widget["properties"]["metrics"]]
    assert len([entry for entry in entries if "expression" in entry]) > 5


def test_formulas_use_only_lines_of_their_own_graph(recording: Recording) -> None:
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
        assert used == set(ids), f"{widget['properties']['title']}: CloudWatch shows an error"
        hidden = [entry for entry in entries if entry.get("visible") is False]
        assert all(entry["id"] in used for entry in hidden), (
            "a hidden line without a formula is charged for nothing"
        )
    exposed = [*recording.settings.exposed.values()]
    assert formulas >= len(exposed), "the share of errors of an exposed app is a formula"


def test_lines_of_a_graph_have_distinct_labels_and_the_y_axis_starts_at_zero(
    recording: Recording,
) -> None:
    for widget in widgets_of(recording, "metric"):
        shown = [
            entry[-1]["label"]
            for entry in widget["properties"]["metrics"]
            if entry[-1].get("visible", True)
        ]
        assert len(shown) == len(set(shown)), widget["properties"]["title"]
        assert widget["properties"]["yAxis"]["left"]["min"] == 0
        assert widget["properties"]["yAxis"]["left"]["label"]


def test_a_zone_has_the_same_color_in_all_graphs(recording: Recording) -> None:
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


def test_the_dashboard_shows_exactly_the_alarms_of_the_cell(
    recording: Recording,
) -> None:
    shown = [arn for each in widgets_of(recording, "alarm") for arn in each["properties"]["alarms"]]
    urns = {each.urn for each in all_alarms(recording)}
    existing = {
        outputs["arn"]
        for type_ in ALARMS
        for outputs, alarm in zip(
            outputs_of(recording, type_), recording.of_type(type_), strict=True
        )
        if alarm.urn in urns
    }
    assert len(shown) == len(set(shown))
    assert set(shown) == existing, "an alarm is missing on the dashboard, or does not exist"


def log_groups(recording: Recording) -> dict[str, str]:
    """Returns the kind of each log group that is queried, by name."""
    kinds = {f"/aws/containerinsights/{recording.stack}/{kind}": kind for kind in FIELDS}
    kinds[f"/aws/eks/{recording.stack}/cluster"] = "control-plane"
    existing = {
        each.inputs["name"] for each in recording.of_type("aws:cloudwatch/logGroup:LogGroup")
    }
    return {name: kind for name, kind in kinds.items() if name in existing}


def fields_of(text: str) -> set[str]:
    """Returns the fields that a query reads, without the names that it defines."""
    bare = re.sub(r'"[^"]*"|/(?:[^/\n])+/', " ", text)
    own_names = set(re.findall(r"\bas (\w+)", bare)) | set(re.findall(r"\?<(\w+)>", text))
    bare = re.sub(r"\b[0-9]+m?\b", " ", bare)
    return set(re.findall(r"@?[A-Za-z_][\w.]*", bare)) - own_names - KEYWORDS


def test_queries_read_only_documented_fields_of_their_log_group(recording: Recording) -> None:
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
        unknown = fields_of(text) - FIELDS[known[group]] - DISCOVERED_FIELDS
        assert unknown == set(), f"the query never returns rows:\n{text}"
        assert len(text) <= 10_000


def test_tables_of_the_dashboard_are_saved_queries_with_the_same_name(recording: Recording) -> None:
    saved = {
        str(each.inputs["name"]): each.inputs["queryString"] for each in recording.of_type(QUERY)
    }
    assert all(name.startswith(f"{recording.stack}/") for name in saved)
    for each in widgets_of(recording, "log"):
        title, query = each["properties"]["title"], each["properties"]["query"]
        assert query.partition(" | ")[2] == saved[f"{recording.stack}/{title}"]


def test_the_docs_quote_all_saved_queries(previewed: Callable[[str], Recording]) -> None:
    recording = previewed("prod")
    docs = Path(ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    shown = re.findall(r"`prod/([\w -]+)`[^\n]*\n+```\n(.*?)\n```", docs, re.DOTALL)
    saved = {
        str(each.inputs["name"]).removeprefix("prod/"): each.inputs["queryString"]
        for each in recording.of_type(QUERY)
    }
    assert dict(shown) == saved


def test_the_docs_name_only_existing_graphs_and_tables(
    previewed: Callable[[str], Recording],
) -> None:
    recording = previewed("prod")
    docs = Path(ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    _, _, first = docs.partition("## Where to look first")
    prose = re.sub(r"```.*?```", "", first, flags=re.DOTALL).replace("**", "")
    named = set(re.findall(r"\*([^*\n]+)\*", prose))
    titles = {
        each["properties"]["title"]
        for type_ in ("metric", "log")
        for each in widgets_of(recording, type_)
    }
    assert len(named) > 10
    assert named <= titles, f"not on the dashboard: {named - titles}"


def test_the_docs_list_all_sections(previewed: Callable[[str], Recording]) -> None:
    docs = Path(ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (\d\. [^|]+) \|", docs, re.MULTILINE) == [*SECTIONS]


def test_every_metric_filter_is_on_the_dashboard(recording: Recording) -> None:
    shown = {
        name
        for (namespace, name, *_), _, _ in series_of(recording)
        if namespace.startswith("ha-eks/")
    }
    filters = [
        each.inputs["metricTransformation"]
        for each in recording.of_type(FILTER)
        if not each.name.endswith("-latch")  # Route 53 reads its metric
    ]
    assert shown == {each["name"] for each in filters}, (
        "a graph without data, or a metric without a graph"
    )
    assert {each["namespace"] for each in filters} == {f"ha-eks/{recording.stack}"}


def test_a_cell_with_capacity_buffers_shows_the_command_for_their_state(
    recording: Recording,
) -> None:
    texts = " ".join(each["properties"]["markdown"] for each in widgets_of(recording, "text"))
    buffers = recording.settings.headroom.mode == "capacityBuffer"
    assert ("kubectl -n headroom get capacitybuffers" in texts) == buffers
