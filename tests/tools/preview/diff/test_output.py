"""Markdown, terminal and data of a comparison."""

import json
import re
from typing import Any

import pytest

from tests.settings.stack_files import APPS, HEADROOM, WEB, put_at
from tests.tools.preview.diff.sides import comparison, made, nothing
from tools.preview.diff import command
from tools.preview.diff.comparison import Comparison
from tools.preview.diff.data import diff_data
from tools.preview.diff.markdown import LIMIT, markdown, marker
from tools.preview.diff.snapshot import Snapshot
from tools.preview.diff.terminal import lines
from tools.recording.record import ROOT
from tools.rules.rule import Finding, Severity

NAMESPACE = "kubernetes:core/v1:Namespace"
QUEUE = "aws:sqs/queue:Queue"


def more_replicas(config: Any) -> None:
    put_at(config, (*WEB, "replicas"), {"needed": 8, "max": 30})


def without_headroom(config: Any) -> None:
    config[HEADROOM] = {"size": "none"}


def another_app(config: Any) -> None:
    config[APPS]["api"] = {**config[APPS]["cache"]}


def snapshot(name: str, *values: str, findings: tuple[Finding, ...] = ()) -> Snapshot:
    resources = [
        made(QUEUE, f"queue-{number}", inputs={"policy": value})
        for number, value in enumerate(values)
    ]
    return Snapshot(name=name, resources=resources, findings=findings)


def compared(before: Snapshot, after: Snapshot) -> Comparison:
    return Comparison(stack="prod", before=before, after=after)


def finding(severity: Severity, rule: str = "HA101", text: str = "is bad") -> Finding:
    return Finding(rule=rule, severity=severity, resource="Deployment/a/b", field="x", text=text)


def test_the_first_three_lines_are_the_summary() -> None:
    found = comparison("prod", nothing, more_replicas)
    first, second, third, fourth, *_ = markdown(found).splitlines()
    assert first == (
        "- **Zone loss:** unchanged, any one zone can fail, and the needed pods remain "
        "(pods left / needed: web 4/4 → 8/8)"
    )
    assert re.fullmatch(
        r"- \*\*Cost per month:\*\* \$924 → \$1,\d{3} \(\+\$\d{3}\) at rest, at list prices of "
        "us-east-1",
        second,
    )
    assert third == "- **Replacements:** none"
    assert fourth == ""
    page = (ROOT / "docs" / "diff.md").read_text(encoding="utf-8")
    shown = "\n".join(("```text", first, second, third, "```"))
    assert shown in page, f"write in docs/diff.md:\n{shown}"
    assert markdown(found).endswith(f"\n{marker('prod')}\n")
    assert [*lines(found, 1000)][:3] == [
        line.replace("- **", "").replace("**", "") for line in (first, second, third)
    ]


def test_a_changed_answer_and_new_findings_are_shown() -> None:
    found = comparison("prod", nothing, without_headroom)
    assert found.summary[0][1] == (
        "any one zone can fail, and the needed pods remain → any one zone can fail, and the "
        "needed pods remain, but 2 pods wait for nodes"
    )
    assert found.new_findings
    text = markdown(found)
    for each in found.new_findings:
        assert f"- {each.severity} {each.rule} " in text


def test_sections_are_folded_and_named_by_their_numbers() -> None:
    text = markdown(comparison("prod", nothing, another_app))
    titles = re.findall(r"<summary>(.*)</summary>", text)
    assert titles[-2].startswith("Added: ")
    assert titles[-1].startswith("Changed: ")
    assert text.count("<details>") == text.count("</details>") == len(titles)
    assert "\n**App api**\n\n- Namespace api, " in text


def test_nothing_is_folded_without_differences() -> None:
    same = comparison("prod", nothing, nothing)
    assert "<details>" not in markdown(same)
    assert len(markdown(same).splitlines()) == 6


def test_equal_changes_are_shown_once() -> None:
    text = markdown(compared(snapshot("a", *["x"] * 3), snapshot("b", *["y"] * 3)))
    assert "<summary>Changed: 3 resources</summary>" in text
    assert (
        "\n**Queue queue-0, queue-1, queue-2**\n\n```diff\n- policy: x\n+ policy: y\n```\n"
    ) in text


def test_a_type_that_the_diff_does_not_know_is_named_with_what_a_replacement_does() -> None:
    table = "aws:dynamodb/table:Table"
    sides = (
        Snapshot(name=name, resources=[made(table, "jobs", inputs={"hashKey": name})], findings=())
        for name in ("a", "b")
    )
    found = compared(*sides)
    assert dict(found.summary)["Replacements"] == (
        "1 of a type that the diff does not know, such as Table jobs: see pulumi preview"
    )
    assert (
        "\n- the diff does not know aws:dynamodb/table:Table: pulumi preview shows whether it is "
        "replaced, in which case its data is lost\n"
    ) in markdown(found)
    [resource] = json.loads(json.dumps(diff_data(found)))["resources"]
    assert (resource["action"], resource["replacementKnown"]) == ("changed", False)


def test_a_long_comparison_is_cut_at_the_limit_of_a_comment() -> None:
    before = snapshot("a", *[f"x{number}" for number in range(2000)])
    after = snapshot("b", *[f"y{number}" for number in range(2000)], findings=(finding("error"),))
    text = markdown(compared(before, after))
    assert LIMIT * 0.95 < len(text) <= LIMIT
    [left_out] = re.findall(
        r"Left out, because a comment has at most 65,536 characters: (\d+) resources\. ", text
    )
    assert text.count("**Queue ") == 2000 - int(left_out)
    assert "HA101" in text, "only the largest section is cut"
    assert text.endswith(f"</details>\n{marker('prod')}\n")


def test_texts_of_others_do_not_format_the_comment() -> None:
    before = snapshot("a", "```\n<img src=x>", findings=())
    after = snapshot("b", "````\n</details>", findings=(finding("error", text="<b>*x*</b> | `y`"),))
    text = markdown(compared(before, after))
    assert r"\<b\>\*x\*\</b\> \| \`y\`" in text
    [fence] = re.findall("^(`{3,})diff$", text, re.MULTILINE)
    assert len(fence) > len("````")
    assert text.count("<details>") == text.count("\n</details>\n")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit_the_terminal(width: int) -> None:
    for edit in (more_replicas, another_app):
        printed = [*lines(comparison("prod", nothing, edit), width)]
        assert max(map(len, printed)) <= width
        assert len(printed) > 20


def test_long_values_show_the_part_that_differs() -> None:
    start, end = "same " * 200, " rest" * 200
    text = markdown(compared(snapshot("a", f"{start}old{end}"), snapshot("b", f"{start}new{end}")))
    [minus] = re.findall(r"^- policy: (.*)$", text, re.MULTILINE)
    [plus] = re.findall(r"^\+ policy: (.*)$", text, re.MULTILINE)
    assert "old" in minus
    assert "new" in plus
    assert max(map(len, (minus, plus))) < 350


def test_only_differing_lines_of_a_text_are_shown() -> None:
    text = markdown(
        compared(snapshot("a", "one\ntwo\nthree"), snapshot("b", "one\n2\nthree\nfour"))
    )
    assert "```diff\n- policy: two\n+ policy: 2\n+ policy: four\n```" in text


def test_a_finding_is_the_same_if_only_its_figures_differ() -> None:
    before = snapshot("a", findings=(finding("error", text="needs 5"), finding("caution", "HA2")))
    after = snapshot("b", findings=(finding("error", text="needs 6"), finding("warning", "HA3")))
    found = compared(before, after)
    assert [each.rule for each in found.new_findings] == ["HA3"]
    assert [each.rule for each in found.gone_findings] == ["HA2"]


def test_a_further_finding_of_the_same_place_is_new() -> None:
    one, two = (snapshot("a", findings=(finding("error"),) * count) for count in (1, 2))
    assert len(compared(one, two).new_findings) == 1
    assert compared(two, one).new_findings == []


def test_what_an_older_preview_does_not_print_is_unknown() -> None:
    known = comparison("prod", nothing, nothing).after
    older = Snapshot(name="old", resources=known.resources)
    found = compared(older, known)
    assert found.summary[0][1].startswith("unknown → any one zone can fail")
    assert found.summary[1][1].startswith("unknown → $924 at rest")
    assert found.counts.endswith("findings: unknown before")
    assert "<details>" not in markdown(found)


@pytest.mark.parametrize(
    ("before", "note"),
    [
        (
            Snapshot(name="old"),
            "The preview of old does not print the values that are unknown here",
        ),
        (Snapshot(name="old", exists=False), "The stack prod does not exist at old: "),
        (Snapshot(name="old", other_packages=True), "requirements.txt differs from that of old: "),
    ],
)
def test_limits_of_a_comparison_are_notes(before: Snapshot, note: str) -> None:
    found = command.compared("prod", before, json.dumps({"format": 1, "resources": []}))
    assert found.notes[-1].startswith(note)
    assert f"\n\n{note}" in markdown(found)


def test_a_new_stack_has_only_added_resources() -> None:
    known = comparison("prod", nothing, nothing).after
    new = compared(Snapshot(name="old", exists=False, findings=()), known)
    assert len(new.of("added")) == len(new.resources) > 200
    assert new.summary[0][1].startswith("no stack → any one zone can fail")
    assert new.summary[1][1].startswith("$0 → $924 (+$924) at rest")
    assert len(new.new_findings) == len(known.findings or ())


def test_the_most_severe_replacement_is_named_with_its_effect() -> None:
    vpc, log = "aws:ec2/vpc:Vpc", "aws:cloudwatch/logGroup:LogGroup"

    def side(text: str) -> Snapshot:
        resources = [made(log, inputs={"name": text}), made(vpc, inputs={"cidrBlock": text})]
        return Snapshot(name=text, resources=resources, findings=())

    found = compared(side("a"), side("b"))
    assert found.summary[2][1] == (
        "2, the most severe is Vpc a: everything in the network is replaced"
    )
    text = markdown(found)
    assert text.index("**Vpc a**") < text.index("**LogGroup a**")
    assert "\n- forced by cidrBlock\n" in text
    assert "\n- the old one is deleted before the new one is created\n" in text


def test_a_resource_with_another_urn_and_the_same_name_is_reported() -> None:
    def side(urn: str, **metadata: str) -> Snapshot:
        name = made(NAMESPACE, urn, inputs={"metadata": metadata})
        return Snapshot(name=urn, resources=[name, made(QUEUE, urn, inputs={})], findings=())

    before = side("old", name="headroom")
    found = compared(before, side("new", name="headroom"))
    assert found.summary[2][1] == "1 removed and added under the same name"
    assert "- Namespace old: has the same name as the added Namespace new, which" in markdown(found)
    assert compared(before, side("new", name="other")).summary[2][1] == "none"
    assert compared(before, side("new", name="headroom", namespace="a")).renamed == {}


def test_a_removed_node_group_is_to_be_drained_first() -> None:
    group, empty = "aws:eks/nodeGroup:NodeGroup", Snapshot(name="b", findings=())
    before = Snapshot(name="a", resources=[made(group), made(QUEUE)], findings=())
    text, removed = markdown(compared(before, empty)), diff_data(compared(before, empty))
    assert "- NodeGroup a, Queue a\n- NodeGroup a: EKS drains its nodes for a few" in text
    assert text.count("Queue a") == 1, "nothing is lost with other resources"
    effects = [each["effect"] for each in json.loads(json.dumps(removed))["resources"]]
    assert effects[0].startswith("EKS drains its nodes")
    assert effects[1] is None


def test_the_data_have_every_change_and_no_value_of_an_absent_side() -> None:
    found = comparison("prod", nothing, more_replicas)
    data = json.loads(json.dumps(diff_data(found)))
    assert [*data] == [
        "stack", "before", "after", "summary", "notes", "interruptions", "workloads", "costItems",
        "findings", "renamed", "resources",
    ]  # fmt: skip
    assert len(data["resources"]) == len(found.resources)
    assert data["after"]["costPerMonth"]["atRest"] > data["before"]["costPerMonth"]["atRest"]
    assert data["after"]["holds"]
    changed = [change for each in data["resources"] for change in each["changes"]]
    assert {"path", "old", "new"} in [{*each} for each in changed]
    absent = compared(snapshot("a", "x"), Snapshot(name="b", resources=[made(QUEUE, "queue-0")]))
    [resource] = json.loads(json.dumps(diff_data(absent)))["resources"]
    assert resource["changes"] == [{"path": "policy", "old": "x"}]
    assert resource["replacementKnown"]
