"""A scan counts only if kube-score reads every Deployment and finds a moving tag."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.scan.findings import Finding, ScanError
from tools.scan.kube_score import findings
from tools.scan.self_test import check_kube_score

FILE = "001-deployment-web.yaml"
DEPLOYMENT = """\
kind: Deployment
spec: {template: {spec: {containers: [{name: web, image: "web:1.2"}]}}}
"""
Script = Callable[[str], Path]


def report(*grades: tuple[str, int], file: str = FILE, skipped: bool = False) -> str:
    checks: list[Any] = [
        {"check": {"id": name, "comment": "should be"}, "grade": grade, "skipped": skipped}
        for name, grade in grades
    ]
    scored = {
        "type_meta": {"kind": "Deployment"},
        "object_meta": {"namespace": "web", "name": "web"},
        "file_name": f"/build/{file}",
        "checks": checks,
    }
    return json.dumps([scored])


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    folder = tmp_path / "manifests"
    folder.mkdir()
    (folder / "000-namespace-web.yaml").write_text("kind: Namespace\n", encoding="utf-8")
    (folder / FILE).write_text(DEPLOYMENT, encoding="utf-8")
    return folder


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Function that writes a shell script in place of kube-score."""

    def write(text: str) -> Path:
        program = tmp_path / "kube-score"
        program.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        program.chmod(0o755)
        return program

    return write


def test_a_warning_and_a_critical_check_are_findings(script: Script, manifests: Path) -> None:
    grades = [("pod-probes", 1), ("stable-version", 5), ("label-values", 7), ("service-type", 10)]
    program = script(f"echo '{report(*grades)}'; exit 1")
    assert findings(program, manifests, "1.36") == [
        Finding(check=check, name="should be", resource="Deployment.web.web")
        for check in ("pod-probes", "stable-version")
    ]


def test_a_check_that_does_not_apply_is_no_finding(script: Script, manifests: Path) -> None:
    program = script(f"echo '{report(('pod-probes', 0), skipped=True)}'")
    assert not findings(program, manifests, "1.36")


def test_a_report_without_a_deployment_fails(script: Script, manifests: Path) -> None:
    program = script(f"echo '{report(file='000-namespace-web.yaml')}'")
    with pytest.raises(ScanError) as caught:
        findings(program, manifests, "1.36")
    assert str(caught.value) == f"kube-score did not read these files of {manifests}: {FILE}"


@pytest.mark.parametrize("output", ["", "no report", "[1]", '{"a": 1}', "null"])
def test_no_report_fails_with_the_output(output: str, script: Script, manifests: Path) -> None:
    with pytest.raises(ScanError) as caught:
        findings(script(f"echo '{output}'; echo broken >&2"), manifests, "1.36")
    assert str(caught.value) == "kube-score printed no report; its output: broken"


def test_annotations_of_a_manifest_disable_no_check(script: Script, manifests: Path) -> None:
    with pytest.raises(ScanError) as caught:
        findings(script("echo $@ >&2"), manifests, "1.35")
    output = str(caught.value)
    assert "--disable-ignore-checks-annotations" in output
    assert "--kubernetes-version v1.35" in output
    assert output.endswith(f"000-namespace-web.yaml {manifests / FILE}")


def fails_if(text: str) -> str:
    """Returns a script that reports a moving tag in manifests with a text."""
    failed, passed = report(("container-image-tag", 1)), report(("container-image-tag", 10))
    return (
        f"for file; do :; done; if grep -q '{text}' $file; then echo '{failed}'; "
        f"else echo '{passed}'; fi"
    )


def test_a_scanner_that_finds_the_moving_tag_passes_the_self_test(
    script: Script, manifests: Path
) -> None:
    check_kube_score(script(fails_if("web:latest")), manifests, "1.36")
    assert (manifests / FILE).read_text(encoding="utf-8") == DEPLOYMENT


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("absent", f"{FILE} passes container-image-tag with the tag latest"),
        ("kind", f"{FILE} fails container-image-tag without the tag latest"),
    ],
)
def test_a_scanner_that_reports_no_manifest_or_every_manifest_fails_the_self_test(
    text: str, message: str, script: Script, manifests: Path
) -> None:
    with pytest.raises(ScanError) as caught:
        check_kube_score(script(fails_if(text)), manifests, "1.36")
    assert str(caught.value) == f"kube-score: {message}"
