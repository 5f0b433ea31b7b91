"""The analyzer that the Pulumi engine calls over gRPC.

https://github.com/pulumi/pulumi/blob/v3.259.0/proto/pulumi/analyzer.proto
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

from settings import SettingsError
from settings.audit.audit import Audit
from tools.manifests.documents import ManifestError
from tools.policy.analysis import Violation, violations
from tools.rules.catalog import entries
from tools.rules.rule import Finding, Severity
from tools.rules.stack import failing_severities

# ruff: noqa: N802  # names of the protocol

_NAME, _VERSION = "ha-eks", "0.1.0"
_MESSAGE_BYTES = 400 * 1024 * 1024
"""Limit of messages, the same as that of the SDK: a stack can exceed the default of 4 MB."""
_SEVERITIES: Mapping[Severity, analyzer_pb2.PolicySeverity.ValueType] = {
    "error": analyzer_pb2.POLICY_SEVERITY_HIGH,
    "warning": analyzer_pb2.POLICY_SEVERITY_MEDIUM,
    "caution": analyzer_pb2.POLICY_SEVERITY_LOW,
}


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """Analyzes all resources of a stack together, since most rules relate several of them."""

    def __init__(self) -> None:
        self._config: Mapping[str, str] | None = None
        """Configuration of the stack; None if the engine analyzes a state."""

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Returns the version."""
        return plugin_pb2.PluginInfo(version=_VERSION)

    def GetAnalyzerInfo(
        self, request: Empty, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzerInfo:
        """Returns all rules, with the enforcement level of a stack file without `failOn`."""
        policies = [
            analyzer_pb2.PolicyInfo(
                name=each.id,
                description=each.claim,
                enforcementLevel=_level(each.severity, Audit()),
                severity=_SEVERITIES[each.severity],
                policy_type=analyzer_pb2.POLICY_TYPE_STACK,
            )
            for each in entries()
        ]
        return analyzer_pb2.AnalyzerInfo(name=_NAME, version=_VERSION, policies=policies)

    def ConfigureStack(
        self, request: analyzer_pb2.AnalyzerStackConfigureRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzerStackConfigureResponse:
        """Takes the configuration of the stack, before `pulumi preview` and `pulumi up`."""
        self._config = dict(request.config)
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def Analyze(
        self, request: analyzer_pb2.AnalyzeRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzeResponse:
        """Returns no violation: single resources are analyzed with all others."""
        return analyzer_pb2.AnalyzeResponse()

    def Remediate(
        self, request: analyzer_pb2.AnalyzeRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.RemediateResponse:
        """Changes nothing."""
        return analyzer_pb2.RemediateResponse()

    def AnalyzeStack(
        self, request: analyzer_pb2.AnalyzeStackRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzeResponse:
        """Returns the findings on a stack."""
        try:
            found, audit = violations(request.resources, self._config, date.today())
        except (SettingsError, ManifestError) as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        claims = {each.id: each.claim for each in entries()}
        diagnostics = [_diagnostic(each, claims[each.finding.rule], audit) for each in found]
        return analyzer_pb2.AnalyzeResponse(diagnostics=diagnostics)


def _diagnostic(violation: Violation, claim: str, audit: Audit) -> analyzer_pb2.AnalyzeDiagnostic:
    finding = violation.finding
    return analyzer_pb2.AnalyzeDiagnostic(
        policyName=finding.rule,
        policyPackName=_NAME,
        policyPackVersion=_VERSION,
        description=claim,
        message=f"{claim}\n{_place(finding)}: {finding.text}",
        enforcementLevel=_level(finding.severity, audit),
        severity=_SEVERITIES[finding.severity],
        urn=violation.urn,
    )


def _place(finding: Finding) -> str:
    return ": ".join(filter(None, (finding.resource, finding.field)))


def _level(severity: Severity, audit: Audit) -> analyzer_pb2.EnforcementLevel.ValueType:
    """Returns MANDATORY for a severity that fails a preview, otherwise ADVISORY."""
    mandatory = severity in failing_severities(audit)
    return analyzer_pb2.MANDATORY if mandatory else analyzer_pb2.ADVISORY


def serve() -> None:
    """Serves the analyzer until the engine ends this process; prints the port for the engine."""
    server = grpc.server(
        ThreadPoolExecutor(max_workers=1),
        options=[("grpc.max_receive_message_length", _MESSAGE_BYTES)],
    )
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Analyzer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    with suppress(KeyboardInterrupt):  # the engine interrupts its plugins in the end
        server.wait_for_termination()
