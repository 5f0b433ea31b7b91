"""A scan counts only if checkov reads every Deployment and finds a privileged container."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tools.scan import checkov
from tools.scan.checkov import findings
from tools.scan.findings import Finding, ScanError
from tools.scan.self_test import check_checkov

DEPLOYMENT = """\
kind: Deployment
spec: {template: {spec: {containers: [{name: web, securityContext: {}}]}}}
"""
Run = Callable[[str], None]


def report(failed: Sequence[str], files: Sequence[str]) -> str:
    def entry(check: str, file: str) -> dict[str, Any]:
        return {
            "check_id": check,
            "check_name": "should be",
            "resource": "Deployment.a.web",
            "file_path": f"/{file}",
        }

    passed = [entry("CKV_K8S_1", file) for file in files]
    results = {"passed_checks": passed, "failed_checks": [entry(each, files[0]) for each in failed]}
    return json.dumps({"results": results})


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    folder = tmp_path / "manifests"
    folder.mkdir()
    (folder / "000-namespace-web.yaml").write_text("kind: Namespace\n", encoding="utf-8")
    (folder / "001-deployment-web.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    return folder


@pytest.fixture
def scanner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Replaces checkov with a shell script."""

    def write(script: str) -> None:
        program = tmp_path / "checkov"
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setattr(checkov, "PROGRAM", program)

    return write


def test_a_failed_check_that_is_reported_twice_is_one_finding(
    scanner: Run, manifests: Path
) -> None:
    scanner(f"echo '{report(['CKV_K8S_8', 'CKV_K8S_8'], ['001-deployment-web.yaml'])}'; exit 1")
    found = Finding(check="CKV_K8S_8", name="should be", resource="Deployment.a.web")
    assert findings(manifests) == [found]


def test_a_scan_without_a_deployment_fails(scanner: Run, manifests: Path) -> None:
    scanner(f"echo '{report([], ['000-namespace-web.yaml'])}'")
    with pytest.raises(ScanError) as caught:
        findings(manifests)
    assert str(caught.value) == (
        f"checkov did not read these files of {manifests}: 001-deployment-web.yaml"
    )


@pytest.mark.parametrize("output", ["", "no report", "[]", '{"passed": 0, "failed": 0}'])
def test_a_scan_without_a_report_fails_with_the_output_of_checkov(
    scanner: Run, manifests: Path, output: str
) -> None:
    scanner(f"echo '{output}'; echo broken >&2")
    with pytest.raises(ScanError) as caught:
        findings(manifests)
    assert str(caught.value) == "checkov printed no report; its output: broken"


def test_the_scanner_does_not_read_settings_of_the_user(
    scanner: Run, manifests: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CKV_SKIP_CHECK", "CKV_K8S_16")
    monkeypatch.setenv("BC_API_KEY", "a key")
    scanner("env >&2; pwd >&2; echo $@ >&2")
    with pytest.raises(ScanError) as caught:
        findings(manifests)
    output = str(caught.value)
    assert "CKV_SKIP_CHECK" not in output, "a variable of the user would skip a check"
    assert "BC_API_KEY" not in output, "checkov would send the findings to its vendor"
    assert "--skip-download" in output, "checkov would connect to the network"
    assert str(Path.home()) not in output.split()
    assert str(Path.cwd()) not in output.split()


def fails_if(text: str) -> str:
    """Returns a script of a scanner for which manifests with a text fail."""
    file = "001-deployment-web.yaml"
    failed, passed = report(["CKV_K8S_16"], [file]), report([], [file])
    return f"if grep -rq '{text}' \"$2\"; then echo '{failed}'; else echo '{passed}'; fi"


def test_a_scanner_that_finds_the_privileged_copy_passes_the_self_test(
    scanner: Run, manifests: Path
) -> None:
    scanner(fails_if("privileged: true"))
    check_checkov(manifests)
    assert (manifests / "001-deployment-web.yaml").read_text(encoding="utf-8") == DEPLOYMENT


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("absent", "001-deployment-web.yaml passes CKV_K8S_16 with a privileged container"),
        ("kind", "001-deployment-web.yaml fails CKV_K8S_16 without a privileged container"),
    ],
)
def test_a_scanner_that_reports_no_manifest_or_every_manifest_fails_the_self_test(
    scanner: Run, manifests: Path, text: str, message: str
) -> None:
    scanner(fails_if(text))
    with pytest.raises(ScanError) as caught:
        check_checkov(manifests)
    assert str(caught.value) == f"checkov: {message}"
