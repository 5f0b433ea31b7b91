"""`python -m tools.preview audit FILE…`."""

import io
import json
from pathlib import Path

import pytest

from tests.tools.rules.case import SHOP
from tools.preview.audit import main

BARE = SHOP.replace("shop:1.4.2", "shop:latest")
FINDING = (
    "warning HA102 Deployment/shop/shop: spec.template.spec.containers[web].image: "
    "registry.example.com/shop:latest has the moving tag latest, so that pods on new nodes can run "
    "another release than the others; write the tag of a release, or a digest"
)
LINE = BARE[: BARE.index("kind: Deployment")].rpartition("---")[0].count("\n") + 2
"""Line at which the Deployment begins."""
CERTIFICATE = """
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: shop, namespace: shop}
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("shop.yaml")


def test_without_findings_the_status_is_0(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(SHOP)
    assert main([str(file)]) == 0
    assert capsys.readouterr() == ("4 objects, 0 findings\n", "")


def test_findings_have_file_severity_rule_and_field(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(BARE)
    assert main([str(file)]) == 1
    assert capsys.readouterr().out == f"shop.yaml:{LINE}: {FINDING}\n4 objects, 1 finding\n"


def test_findings_for_code_scanning_have_a_line(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(BARE)
    assert main([str(file), "--sarif"]) == 1
    [run] = json.loads(capsys.readouterr().out)["runs"]
    [result] = run["results"]
    assert result["ruleId"] == "HA102"
    [location] = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "shop.yaml"},
        "region": {"startLine": LINE},
    }


def test_kinds_that_no_rule_reads_are_skipped_by_name(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(SHOP + CERTIFICATE)
    Path("values.yaml").write_text("replicas: 3")
    Path("wiki.yaml").write_text(CERTIFICATE.replace("name: shop", "name: wiki"))
    assert main(["."]) == 0
    assert capsys.readouterr().err == (
        "skipped values.yaml: a document without apiVersion and kind\n"
        "skipped shop.yaml: Certificate/shop/shop and 1 more: no rule reads "
        "Certificate.cert-manager.io\n"
    )


def test_the_standard_input_may_be_a_list(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": [pod]})
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert main(["-"]) == 0
    assert capsys.readouterr().out == "1 object, 0 findings\n"


def test_findings_as_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(BARE + CERTIFICATE)
    assert main(["--json", str(file)]) == 1
    place, text = FINDING.removeprefix("warning HA102 ").split(": ", 2)[:2], FINDING.split(": ")[2]
    assert json.loads(capsys.readouterr().out) == {
        "objects": 5,
        "findings": [
            {
                "rule": "HA102",
                "severity": "warning",
                "resource": place[0],
                "field": place[1],
                "text": text,
                "file": "shop.yaml",
                "line": LINE,
                "also": [],
            }
        ],
        "skipped": ["shop.yaml: Certificate/shop/shop: no rule reads Certificate.cert-manager.io"],
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a: [",
            "shop.yaml:1: not valid YAML; use the output of helm template for a chart, and "
            "of kubectl kustomize for a kustomization\n",
        ),
        ("a: b", "shop.yaml: no Kubernetes object\n"),
        ("{apiVersion: v1, kind: Pod}", "shop.yaml: Pod: metadata.name: required\n"),
        (
            BARE.replace("minReplicas: 3", "minReplicas: some"),
            "shop.yaml: HorizontalPodAutoscaler/shop: spec.minReplicas: must be a whole number\n",
        ),
    ],
)
def test_a_file_that_cannot_be_audited_has_status_2(
    file: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    file.write_text(text)
    assert main([str(file)]) == 2
    assert capsys.readouterr() == ("", message)


def test_an_object_in_two_files_is_reported_once_with_both_places(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(BARE)
    Path("copy.yaml").write_text(f"# a copy\n{BARE}")
    assert main(["shop.yaml", "copy.yaml"]) == 1
    also = f" (also at copy.yaml:{LINE + 1})"
    out = capsys.readouterr().out
    assert out == f"shop.yaml:{LINE}: {FINDING}{also}\n4 objects, 1 finding\n"
    assert main(["shop.yaml", "copy.yaml", "--json"]) == 1
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    assert finding["also"] == [{"file": "copy.yaml", "line": LINE + 1}]


def test_two_versions_of_an_object_are_both_audited(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(SHOP)
    second = BARE[BARE.index("apiVersion: apps/v1") : BARE.index("---")]
    Path("second.yaml").write_text(second)
    assert main(["shop.yaml", "second.yaml"]) == 1
    assert FINDING in capsys.readouterr().out
