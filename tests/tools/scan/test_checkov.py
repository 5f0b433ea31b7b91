"""What the scanner reports is believed once it has read everything, and sees what is broken."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tools.scan import checkov
from tools.scan import self_test as seeing
from tools.scan.checkov import Finding, ScanError, findings

DEPLOYMENT = """\
kind: Deployment
spec: {template: {spec: {containers: [{name: web, securityContext: {}}]}}}
"""
Run = Callable[[str], None]


def report(failed: Sequence[str], files: Sequence[str]) -> str:
    def of(check: str, file: str) -> dict[str, Any]:
        return {
            "check_id": check,
            "check_name": "should be",
            "resource": "Deployment.a.web",
            "file_path": f"/{file}",
        }

    passed = [of("CKV_K8S_1", file) for file in files]
    results = {"passed_checks": passed, "failed_checks": [of(each, files[0]) for each in failed]}
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
    """Puts a shell script in checkov's place."""

    def write(script: str) -> None:
        program = tmp_path / "checkov"
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setattr(checkov, "PROGRAM", program)

    return write


def test_what_fails_is_found_once(scanner: Run, manifests: Path) -> None:
    scanner(f"echo '{report(['CKV_K8S_8', 'CKV_K8S_8'], ['001-deployment-web.yaml'])}'; exit 1")
    found = Finding(check="CKV_K8S_8", name="should be", resource="Deployment.a.web")
    assert findings(manifests) == [found]


def test_a_deployment_that_was_not_read_is_no_success(scanner: Run, manifests: Path) -> None:
    scanner(f"echo '{report([], ['000-namespace-web.yaml'])}'")
    with pytest.raises(ScanError, match="did not read 001-deployment-web"):
        findings(manifests)


@pytest.mark.parametrize("said", ["", "no report", "[]", '{"passed": 0, "failed": 0}'])
def test_a_scanner_that_does_not_report_is_no_success(
    scanner: Run, manifests: Path, said: str
) -> None:
    scanner(f"echo '{said}'; echo broken >&2")
    with pytest.raises(ScanError, match="did not report: broken"):
        findings(manifests)


def test_nobody_s_own_settings_reach_the_scanner(
    scanner: Run, manifests: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CKV_SKIP_CHECK", "CKV_K8S_16")
    monkeypatch.setenv("BC_API_KEY", "a key")
    scanner("env >&2; pwd >&2; echo $@ >&2")
    with pytest.raises(ScanError) as told:
        findings(manifests)
    said = str(told.value)
    assert "CKV_SKIP_CHECK" not in said
    assert "BC_API_KEY" not in said, "it would send what it finds"
    assert "--skip-download" in said, "it would ask for what it does not need"
    assert str(Path.home()) not in said.split()
    assert str(Path.cwd()) not in said.split()


def fails_if(text: str) -> str:
    """A scanner for which what contains a text is no good."""
    file = "one.yaml"
    bad, good = report(["CKV_K8S_16"], [file]), report([], [file])
    return f"if grep -rq '{text}' \"$2\"; then echo '{bad}'; else echo '{good}'; fi"


def test_a_scanner_that_sees_a_broken_copy_is_believed(scanner: Run, manifests: Path) -> None:
    scanner(fails_if("privileged: true"))
    seeing.check_sees(manifests)
    assert (manifests / "001-deployment-web.yaml").read_text(encoding="utf-8") == DEPLOYMENT


@pytest.mark.parametrize("text", ["nothing that is there", "kind"])
def test_a_scanner_that_finds_nothing_or_anything_is_not(
    scanner: Run, manifests: Path, text: str
) -> None:
    scanner(fails_if(text))
    with pytest.raises(ScanError, match="does not tell"):
        seeing.check_sees(manifests)
