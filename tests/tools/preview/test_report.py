"""The report of a stack: a page that loads nothing, with the figures of the terminal."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from core.facts.prices import HOURS_PER_MONTH
from tests.conftest import recording_of
from tests.settings.stack_files import NETWORK, WEB, Change, changed
from tests.shared_recordings import record_fast, recorded
from tools.preview.cost import dollars
from tools.preview.report.flow import WorkloadView
from tools.preview.report.flow_figure import layers_of
from tools.preview.report.page import page
from tools.preview.results import Preview, preview_of
from tools.preview.tree import headlines
from tools.preview.zone_loss_answer import zone_loss_answer
from tools.preview.zone_loss_details import loss_data
from tools.proof.summary import claims_of
from tools.recording import Recording, manifests
from tools.recording.record import ROOT

TODAY = date(2026, 11, 28)
HOSTILE = "<script>alert('owned')</script>"


def previewed(recording: Recording) -> Preview:
    return preview_of(recording, ROOT / f"Pulumi.{recording.stack}.yaml", TODAY)


def rendered(recording: Recording) -> str:
    return page(previewed(recording), manifests(recording))


def parsed(recording: Recording) -> BeautifulSoup:
    return BeautifulSoup(rendered(recording), "html.parser")


def prod_with(folder: Path, *changes: Change) -> Recording:
    (folder / "Pulumi.prod.yaml").write_text(changed("prod", *changes), encoding="utf-8")
    return record_fast("prod", root=folder)


def section(document: BeautifulSoup, name: str) -> Tag:
    found = document.find("section", id=name)
    assert isinstance(found, Tag), f"no section {name}"
    return found


def text_of(tag: Tag) -> str:
    """Returns the text of an element, with single spaces."""
    return " ".join(tag.get_text(" ").split())


@pytest.fixture(scope="module", params=("dev", "prod", "prod-standby", "wide"))
def shown(request: pytest.FixtureRequest) -> tuple[Preview, BeautifulSoup]:
    """Preview and page of each shipped stack, and of a stack with every kind of app and pool."""
    recording = recording_of(request.param)
    return previewed(recording), parsed(recording)


def test_every_workload_is_in_each_section_about_it(shown: tuple[Preview, BeautifulSoup]) -> None:
    preview, document = shown
    settings = preview.recording.settings
    rows = section(document, "architecture").select("table tbody th")
    assert [text_of(row).rpartition(" ")[0] or text_of(row) for row in rows] == [
        f"{name} cron" if name in settings.cron_jobs else name for name in settings.workloads
    ]
    for article in document.select("article.zone-loss"):
        names = {text_of(row).split()[0] for row in article.select("tbody th")}
        assert names >= set(settings.deployments)
    titles = [text_of(each) for each in section(document, "termination").select("h3")]
    assert sorted(", ".join(titles).split(", ")) == sorted(settings.deployments)


def test_every_zone_is_in_the_diagram_and_can_fail(shown: tuple[Preview, BeautifulSoup]) -> None:
    preview, document = shown
    zones = preview.recording.settings.network.zones_in
    for layout in ("wide", "narrow"):
        [figure, *_] = document.select(f"#architecture svg.{layout}")
        assert {text.get_text() for text in figure.select("text.title")} >= set(zones)
    values = [each["value"] for each in document.select(".control input[name=zone]")]
    assert values == ["", *zones]
    assert [each["data-zone"] for each in document.select("article.zone-loss")] == [*zones]


def test_every_state_of_the_control_shows_pods_and_a_sentence(
    shown: tuple[Preview, BeautifulSoup],
) -> None:
    preview, document = shown
    zones = preview.recording.settings.network.zones_in
    states = ["rest", *(f"{zone} {state}" for zone in zones for state in ("left", "evicted"))]
    elements = document.select("[data-states]")
    known = {state for each in elements for state in str(each["data-states"]).split("|")}
    assert known == set(states)
    for state in states:
        sentences = [
            each for each in document.select(".control [role=status] span")
            if state in str(each["data-states"]).split("|")
        ]  # fmt: skip
        assert len(sentences) == 1
    hidden = document.select("[data-states].off")
    assert hidden == [
        each for each in elements if "rest" not in str(each["data-states"]).split("|")
        and "loss" not in (each.get("class") or "")
    ], "the page starts at rest, and shows the loss of each zone without its script"  # fmt: skip


def test_the_figures_of_the_page_are_those_of_the_terminal(
    shown: tuple[Preview, BeautifulSoup],
) -> None:
    preview, document = shown
    recording, proof, cost = preview.recording, preview.proof, preview.cost
    summary = section(document, "summary")
    said = zone_loss_answer(loss_data(proof))
    assert f"{said[0].upper()}{said[1:]}." in text_of(summary)
    assert [text_of(each) for each in summary.select("details li")] == [
        " ".join(line.split()) for line in headlines(recording, TODAY)
    ]
    totals = text_of(section(document, "cost").select_one(".totals") or summary)
    for each in (cost.minimum, cost.at_rest, cost.maximum):
        assert f"${each.per_month:,.0f}" in totals
        assert f"{dollars(each.per_hour)} an hour" in totals
    sums = [text_of(each) for each in section(document, "cost").select("tfoot th")]
    assert sums == ["Sum at rest", "Sum of the assumed use"]
    use = text_of(section(document, "cost").select("tfoot")[1])
    assert use.endswith(
        f"{dollars(cost.use_per_month / HOURS_PER_MONTH)} {dollars(cost.use_per_month)}"
    )


def test_the_pods_of_each_failure_are_those_of_the_proof(
    shown: tuple[Preview, BeautifulSoup],
) -> None:
    preview, document = shown
    for scenario, article in zip(
        preview.proof.zones, document.select("article.zone-loss"), strict=True
    ):
        outcomes = {each.name: each for each in scenario.failure.outcomes}
        for row in article.select("tbody tr"):
            each = outcomes[text_of(row.select("th")[0]).split()[0]]
            cells = {str(td["data-label"]): text_of(td) for td in row.select("td[data-label]")}
            assert cells["before"] == str(sum(each.before))
            assert cells["left"].split()[0] == str(sum(each.during))
            assert cells["needed"] == (str(each.needed) if each.needed else "–")
            assert cells["after"] == str(sum(each.after))


def test_bars_are_as_long_as_their_pods(shown: tuple[Preview, BeautifulSoup]) -> None:
    _, document = shown
    for bar in document.select("#zone-loss .bar"):
        styles = [str(each["style"]) for each in bar.select(".segment")]
        widths = [float(each.removeprefix("width:").removesuffix("%")) for each in styles]
        assert sum(widths) <= 100.5, bar
    for track in document.select(".track"):
        for span in track.select("span"):
            left, width = map(float, re.findall(r"(?:left|width):([\d.]+)%", str(span["style"])))
            assert left + width <= 100.2, track


def test_every_finding_is_shown_with_its_line(shown: tuple[Preview, BeautifulSoup]) -> None:
    preview, document = shown
    audit = section(document, "audit")
    items = [text_of(each) for each in audit.select("article.rule li")]
    assert len(items) == len(preview.findings)
    for finding in preview.findings:
        text = " ".join(finding.text.split())
        assert any(text in item and finding.resource in item for item in items)
    for place in audit.select(".place"):
        assert re.fullmatch(rf"{re.escape(preview.file.name)}:\d+", place.get_text())
    waivers = preview.recording.settings.audit.waivers
    assert all(each.reason in text_of(audit) for each in waivers)
    assert ("No findings." in text_of(audit)) == (not preview.findings)


def test_every_claim_that_applies_has_a_row(shown: tuple[Preview, BeautifulSoup]) -> None:
    preview, document = shown
    rows = section(document, "claims").select("tbody tr")
    claims = claims_of(preview.recording.settings)
    assert [text_of(each.select("th")[0]) for each in rows] == [each.text for each in claims]
    assert all(text_of(each.select("td")[0]) for each in rows), "a claim without proof"


def test_every_resource_has_a_row_below_its_component(
    shown: tuple[Preview, BeautifulSoup],
) -> None:
    preview, document = shown
    rows = section(document, "resources").select("tbody tr")
    found = Counter((text_of(row.select("th")[0]), text_of(row.select("td")[0])) for row in rows)
    resources = preview.recording.cloud_resources
    assert found == Counter((each.name, each.type) for each in resources)


def test_ids_are_unique_and_every_link_leads_to_one(shown: tuple[Preview, BeautifulSoup]) -> None:
    _, document = shown
    ids = Counter(str(each["id"]) for each in document.select("[id]"))
    assert [name for name, count in ids.items() if count > 1] == []
    for link in document.select("a[href]"):
        assert str(link["href"])[0] == "#"
        assert str(link["href"])[1:] in ids
    for each in document.select("[aria-labelledby]"):
        assert each["aria-labelledby"] in ids
    for each in document.select("[marker-end]"):
        assert str(each["marker-end"])[5:-1] in ids


def test_the_page_loads_nothing(shown: tuple[Preview, BeautifulSoup]) -> None:
    _, document = shown
    loading = document.select("[src], link, iframe, object, embed, form[action]")
    assert [each.get("href") for each in loading] == ["data:,"]
    style, script = (document.select_one(name) for name in ("style", "script"))
    assert style
    assert script
    assert "url(" not in style.get_text()
    assert "@import" not in style.get_text()
    assert not re.search(r"fetch|XMLHttp|import\(|http", script.get_text())
    policy = document.select_one("meta[http-equiv=Content-Security-Policy]")
    assert policy
    assert "default-src 'none'" in str(policy["content"])


def test_values_of_the_stack_file_are_escaped(tmp_path: Path) -> None:
    recording = prod_with(
        tmp_path,
        ((*WEB, "env", "GREETING"), HOSTILE),
        (("ha-eks:audit",), {"waivers": [
            {"rule": "HA905", "resource": f"*{HOSTILE}", "reason": HOSTILE},
        ]}),
    )  # fmt: skip
    text = rendered(recording)
    assert HOSTILE not in text
    document = BeautifulSoup(text, "html.parser")
    assert len(document.select("script")) == 1
    assert HOSTILE in section(document, "audit").get_text()
    assert HOSTILE in section(document, "manifests").get_text()


def test_secrets_are_not_shown() -> None:
    recording = recording_of("prod")
    namespace = next(each for each in recording.resources if each.type.endswith(":Namespace"))
    head = {"apiVersion": "v1", "metadata": {"name": "hidden"}}
    added = [
        replace(namespace, urn="urn:secret", type="kubernetes:core/v1:Secret", inputs={
            **head, "kind": "Secret", "data": {"key": "cGFzc3dvcmQ="},
            "stringData": {"other": "hunter2"},
        }),
        replace(namespace, urn="urn:map", type="kubernetes:core/v1:ConfigMap", inputs={
            **head, "kind": "ConfigMap", "data": {"token": "letmein", "list": ["open", "sesame"]},
        }, secrets=("data.token", "data.list[1]")),
    ]  # fmt: skip
    text = rendered(replace(recording, resources=(*recording.resources, *added)))
    for value in ("cGFzc3dvcmQ=", "hunter2", "letmein", "sesame"):
        assert value not in text, "a reviewer would see a secret"
    shown = section(BeautifulSoup(text, "html.parser"), "manifests").get_text()
    assert "- open\n" in shown
    assert "other: (secret)" in shown
    assert "token: (secret)" in shown


def test_a_stack_with_one_zone_in_service_shows_its_apps(tmp_path: Path) -> None:
    recording = prod_with(tmp_path, ((NETWORK, "zonesOut"), ["us-east-1b", "us-east-1c"]))
    document = parsed(recording)
    assert "zones in service 1 of 3" in text_of(section(document, "summary"))
    apps = {each.get_text().partition(" ")[0] for each in document.select("text.chip-text.app")}
    assert apps == {"web", "cache"}, "system pods are not apps"
    assert not document.select(".control, article.zone-loss")
    assert "no failover between zones" in text_of(section(document, "zone-loss"))


def test_a_stack_without_a_domain_has_no_failover() -> None:
    document = parsed(recording_of("dev"))
    assert not document.select("#failover, a[href='#failover']")
    view = section(parsed(recording_of("prod")), "failover")
    assert [text_of(each).split()[0] for each in view.select(".events li")] == [
        "0s", "30s", "90s", "150s",
    ]  # fmt: skip


def test_the_events_of_a_termination_are_those_of_the_terminal() -> None:
    events = section(parsed(recording_of("prod")), "termination").select(".events")
    assert text_of(events[0]) == (
        "0s deleted 20s deregistered and TERM 35s last in-flight response 40s exit 45s KILL"
    )


def test_the_page_of_equal_recordings_is_the_same() -> None:
    assert rendered(recording_of("prod")) == rendered(recording_of("prod"))


def workload(name: str, *, exposed: bool = False, calls: Sequence[str] = ()) -> WorkloadView:
    return WorkloadView(
        name=name, kind="app", key="", pods="1 pod", needed=1, per_zone=[], reaches=[],
        receives_from=["load balancer"] if exposed else [], talks_to=calls,
    )  # fmt: skip


def layers(*workloads: WorkloadView) -> Sequence[Sequence[str]]:
    callers = {
        each.name: [other.name for other in workloads if each.name in other.talks_to]
        for each in workloads
    }
    return layers_of(
        [
            replace(each, receives_from=[*each.receives_from, *callers[each.name]])
            for each in workloads
        ]
    )


def test_a_callee_is_below_its_callers() -> None:
    web, worker = workload("web", exposed=True, calls=["api"]), workload("worker", calls=["db"])
    api, db = workload("api", calls=["db"]), workload("db")
    assert layers(db, api, worker, web) == [["web"], ["api", "worker"], ["db"]]
    assert layers(worker, db) == [["worker"], ["db"]]
    assert layers(workload("a", calls=["b"]), workload("b", calls=["a"])) == [["a"], ["b"]]


def test_every_connection_is_drawn(shown: tuple[Preview, BeautifulSoup]) -> None:
    preview, document = shown
    settings = preview.recording.settings
    calls = sum(len(each.talks_to) for each in settings.workloads.values())
    [column] = document.select("svg.narrow:has(#flow-narrow-arrow)")
    into = len(settings.exposed) + 1 if settings.exposed else 0
    assert len(column.select("path.flow")) == calls + into


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_diagram_shows_the_pods_of_each_state(stack: str) -> None:
    preview = previewed(recording_of(stack))
    document = BeautifulSoup(page(preview, manifests(preview.recording)), "html.parser")
    for scenario in preview.proof.zones:
        [zone] = scenario.lost_zones
        for state, kinds, field in (
            ("left", "app", "during"), ("evicted", "app, started", "after"),
        ):  # fmt: skip
            pods = Counter[str]()
            for group in document.select("svg.wide g[data-states]"):
                if f"{zone} {state}" in str(group["data-states"]).split("|"):
                    for kind in kinds.split(", "):
                        for chip in group.select(f"text.chip-text.{kind}"):
                            name, _, count = chip.get_text().removeprefix("+ ").partition(" × ")
                            pods[name] += int(count or 1)
            for each in scenario.failure.apps:
                assert pods[each.name] == sum(getattr(each, field)), f"{each.name}: {state}"


def test_a_large_stack_has_names_instead_of_contents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.preview.report.model.MAX_MANIFESTS", 1000)
    monkeypatch.setattr("tools.preview.report.flow_figure.MAX_WORKLOADS", 1)
    document = parsed(recording_of("prod"))
    manifests_shown = section(document, "manifests")
    assert manifests_shown.select("pre") == []
    assert "023-deployment-web.yaml" in manifests_shown.get_text()
    assert not document.select("#flow-wide-arrow")
    assert "web" in text_of(section(document, "architecture").select("tbody th")[0])


def test_the_failover_of_an_internal_load_balancer_follows_an_alarm() -> None:
    recording = recorded("internal", ROOT / "examples")
    view = text_of(section(parsed(recording), "failover"))
    assert "3 periods of 60s + 60s delay of the metric = 240s" in view
    assert "metric of the alarm app/" in view
