"""The policy pack over gRPC, without the Pulumi CLI: its findings are those of the preview."""

import json
import subprocess
import sys
from collections.abc import Generator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import analyzer_pb2 as proto
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerStub

from tests.settings.stack_files import config_of
from tests.shared_recordings import recorded, recorded_config
from tests.tools.policy.messages import Changes, foreign, foreign_request, request_of
from tests.tools.rules.case import SHOP
from tools.policy.analyzer import Analyzer
from tools.recording import Recording
from tools.recording.record import ROOT
from tools.rules.catalog import entries
from tools.rules.stack import stack_findings

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
NAT = "network-nat-us-east-1a"
Finding = tuple[str, str, str]


class Context:
    """Context of a call without a server."""

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        raise RuntimeError(f"{code.name}: {details}")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[AnalyzerStub]:
    """The pack in a process that begins as the engine begins it."""
    command = [sys.executable, str(ROOT / "tools" / "policy"), "127.0.0.1:0"]
    folder = tmp_path_factory.mktemp("elsewhere")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        options = [("grpc.max_receive_message_length", -1)]
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
            yield AnalyzerStub(channel)
        process.kill()


def _found(response: proto.AnalyzeResponse) -> list[Finding]:
    """Returns rule, place and text of each violation."""
    found: list[Finding] = []
    for each in response.diagnostics:
        claim, _, text = each.message.partition("\n")
        assert claim == each.description
        found.append((each.policyName, each.urn.rpartition("::")[2], text))
    return found


def _expected(recording: Recording) -> list[str]:
    return [str(each) for each in stack_findings(recording, date.today())]


def _lines(response: proto.AnalyzeResponse) -> list[str]:
    return [f"{rule} {text}" for rule, _, text in _found(response)]


def _texts(config: Mapping[str, Any]) -> dict[str, str]:
    """Returns the config as the engine passes it."""
    return {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()
    }


def _changed(**keys: Any) -> dict[str, Any]:
    config = config_of("dev")
    config.pop("ha-eks:audit")
    config.update({f"ha-eks:{key}": value for key, value in keys.items()})
    return config


def _analyzed(config: Mapping[str, Any], changes: Changes | None = None) -> proto.AnalyzeResponse:
    """Returns the violations of a stack whose file has `config`."""
    analyzer = Analyzer()
    analyzer.ConfigureStack(
        proto.AnalyzerStackConfigureRequest(config=_texts(config)),
        Context(),
    )
    request = request_of(recorded_config("dev", dict(config)), changes)
    return analyzer.AnalyzeStack(request, Context())


@pytest.mark.parametrize("stack", ["dev", "prod", "prod-standby"])
def test_findings_on_the_state_of_a_shipped_stack_are_those_of_its_preview(
    served: AnalyzerStub, stack: str
) -> None:
    recording = recorded(stack)
    response = served.AnalyzeStack(request_of(recording))
    assert _lines(response) == _expected(recording)
    assert {each.enforcementLevel for each in response.diagnostics} <= {proto.ADVISORY}


def test_findings_on_a_broken_stack_are_those_of_its_preview_and_fail_it(
    served: AnalyzerStub,
) -> None:
    apps = config_of("dev")["ha-eks:apps"]
    apps["cache"]["image"] = "redis:stable"
    config = _changed(apps=apps)
    recording = recorded_config("dev", config)
    served.ConfigureStack(proto.AnalyzerStackConfigureRequest(config=_texts(config)))
    response = served.AnalyzeStack(request_of(recording))
    assert _lines(response) == _expected(recording)
    mandatory = [
        (each.policyName, each.urn.rpartition("::")[2])
        for each in response.diagnostics
        if each.enforcementLevel == proto.MANDATORY
    ]
    assert mandatory == [("HA102", "cache"), ("HA801", NAT)]


def test_the_engine_can_list_all_rules(served: AnalyzerStub) -> None:
    info = served.GetAnalyzerInfo(Empty())
    assert [each.name for each in info.policies] == [each.id for each in entries()]
    levels = {each.name: each.enforcementLevel for each in info.policies}
    found = levels["HA101"], levels["HA801"], levels["HA905"]
    assert found == (proto.MANDATORY, proto.MANDATORY, proto.ADVISORY)
    assert served.GetPluginInfo(Empty()).version == info.version


def test_single_resources_have_no_violations_and_are_not_changed(served: AnalyzerStub) -> None:
    assert served.Analyze(proto.AnalyzeRequest()) == proto.AnalyzeResponse()
    assert served.Remediate(proto.AnalyzeRequest()) == proto.RemediateResponse()


@pytest.mark.parametrize(
    ("fail_on", "level"),
    [("error", proto.ADVISORY), ("warning", proto.MANDATORY), ("nothing", proto.ADVISORY)],
)
def test_fail_on_decides_whether_a_finding_fails_the_preview(fail_on: str, level: int) -> None:
    response = _analyzed(_changed(audit={"failOn": fail_on}))
    levels = {each.policyName: each.enforcementLevel for each in response.diagnostics}
    assert levels["HA801"] == level


def test_a_waiver_of_the_stack_file_holds() -> None:
    waiver = {"rule": "HA801", "resource": "NatGateway/*", "reason": "a test"}
    response = _analyzed(_changed(audit={"waivers": [waiver]}))
    assert {each.policyName for each in response.diagnostics}.isdisjoint({"HA801", "HA001"})


def test_a_value_that_the_engine_does_not_know_is_no_finding() -> None:
    def rules(**changes: Any) -> set[str]:
        response = _analyzed(_changed(), {NAT: changes})
        return {each.policyName for each in response.diagnostics}

    assert "HA801" in rules(subnetId=UNKNOWN, allocationId=UNKNOWN)
    assert "HA801" not in rules(availabilityMode=UNKNOWN)


def test_a_waiver_of_a_finding_with_unknown_values_is_not_unused() -> None:
    waiver = {"rule": "HA801", "resource": "NatGateway/*", "reason": "a test"}
    config = _changed(audit={"waivers": [waiver]})
    response = _analyzed(config, {NAT: {"availabilityMode": UNKNOWN}})
    assert "HA001" not in {each.policyName for each in response.diagnostics}


def test_an_invalid_stack_file_is_an_error_with_all_problems() -> None:
    analyzer, config = Analyzer(), _changed(network={"natt": "single"})
    analyzer.ConfigureStack(
        proto.AnalyzerStackConfigureRequest(config=_texts(config)),
        Context(),
    )
    with pytest.raises(RuntimeError, match=r"(?s)FAILED_PRECONDITION: .*ha-eks:network.natt"):
        analyzer.AnalyzeStack(request_of(recorded("dev")), Context())


def _foreign(manifests: str, *others: proto.AnalyzerResource) -> list[Finding]:
    request = foreign_request(manifests, *others)
    return _found(Analyzer().AnalyzeStack(request, Context()))


def test_a_program_of_another_project_needs_no_stack_file() -> None:
    assert _foreign(SHOP) == []
    [(rule, name, text)] = _foreign(SHOP.replace("minReplicas: 3", "minReplicas: 1"))
    assert (rule, name) == ("HA101", "shop")
    assert text.startswith("HorizontalPodAutoscaler/shop/shop: spec.minReplicas: ")


def test_the_zones_of_another_program_are_those_of_its_subnets() -> None:
    nat = foreign("aws:ec2/natGateway:NatGateway", "nat", availabilityMode="zonal")
    subnets = [
        foreign("aws:ec2/subnet:Subnet", zone, availabilityZone=zone)
        for zone in ("us-east-1a", "us-east-1b")
    ]
    assert [rule for rule, _, _ in _foreign(SHOP, nat, *subnets)] == ["HA801"]
    assert _foreign(SHOP, nat, subnets[0]) == []
    assert _foreign(SHOP, nat) == []


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        ("image: registry.example.com/shop:1.4.2", f"image: {UNKNOWN}"),
        ("minReplicas: 3", f"minReplicas: {UNKNOWN}"),
        ("requests: {cpu: 250m, memory: 256Mi}", f"requests: {UNKNOWN}"),
        ("requests: {cpu: 250m", f"requests: {{cpu: {UNKNOWN}"),
        ("labels: {app: shop}", f"labels: {{app: {UNKNOWN}}}"),
        ("maxUnavailable: 1, selector: {matchLabels: {app: shop}}", f"selector: {UNKNOWN}"),
        ("spec: {selector: {app: shop}", f"spec: {{selector: {UNKNOWN}"),
        ("targetPort: http", f"targetPort: {UNKNOWN}"),
        ("ports: [{name: http, containerPort: 8080}]", f"ports: {UNKNOWN}"),
        ("scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}",
         f"scaleTargetRef: {UNKNOWN}"),
        ("namespace: shop", f"namespace: {UNKNOWN}"),
    ],
)  # fmt: skip
def test_an_unknown_value_of_an_object_is_no_finding(known: str, unknown: str) -> None:
    assert known in SHOP
    assert _foreign(SHOP.replace(known, unknown)) == []


def test_an_unknown_value_does_not_hide_findings_on_other_fields() -> None:
    text = SHOP.replace("cpu: 250m, ", "").replace(":1.4.2", ":latest")
    text = text.replace("path: /ready", f"path: {UNKNOWN}")
    rules = [rule for rule, _, _ in _foreign(text)]
    assert sorted(rules) == ["HA102", "HA401", "HA501"]


def test_the_folder_has_what_the_pulumi_cli_reads() -> None:
    folder = ROOT / "tools" / "policy"
    text = (folder / "PulumiPolicy.yaml").read_text()
    assert "name: python" in text
    assert (folder / "../../.venv").resolve() == (ROOT / ".venv").resolve()
    assert "virtualenv: ../../.venv" in text
    assert Path(folder / "__main__.py").exists()
