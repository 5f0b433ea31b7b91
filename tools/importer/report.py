"""Report of an import: the fields that were not carried over, and what to do about them."""

import re
from dataclasses import dataclass, field
from typing import Literal

from settings.reading.problem import printable
from tools.importer.interpolation import as_written


@dataclass(frozen=True, kw_only=True)
class Note:
    """A line of the report."""

    result: Literal["changed", "not carried over", "refused"]
    """`refused`: the workload is not in the result."""
    subject: str
    """Kind and name of the object, such as Deployment/web."""
    field: str
    """Path of the field; empty for the whole object."""
    message: str
    """The reason, and what to do."""

    def __str__(self) -> str:
        """Returns one printable line."""
        place = f"{self.subject}: {self.field}" if self.field else self.subject
        return printable(as_written(f"{self.result}: {place}: {self.message}"))


@dataclass
class Report:
    """Notes in the order in which they are added, each once."""

    notes: list[Note] = field(default_factory=list[Note])

    @property
    def refused(self) -> bool:
        """True if a workload is not in the result."""
        return any(each.result == "refused" for each in self.notes)

    def of(self, subject: str) -> "SubjectReport":
        """Returns the report on one object."""
        return SubjectReport(report=self, subject=subject)

    def add(self, note: Note) -> None:
        """Adds a note unless the report has it."""
        if note not in self.notes:
            self.notes.append(note)


@dataclass(frozen=True, kw_only=True)
class SubjectReport:
    """Report on one object."""

    report: Report
    subject: str
    """Kind and name of the object."""

    def of(self, subject: str) -> "SubjectReport":
        """Returns the report on another object."""
        return self.report.of(subject)

    def changed(self, path: str, message: str) -> None:
        """Adds a field that has another value in the result."""
        self._add("changed", path, message)

    def lost(self, path: str, message: str | None = None) -> None:
        """Adds a field that is not in the result. Default of the message: by its path."""
        self._add("not carried over", path, message or remedy(path))

    def refuse(self, path: str, message: str) -> None:
        """Adds the reason why the workload is not in the result."""
        self._add("refused", path, message)

    def _add(
        self, result: Literal["changed", "not carried over", "refused"], path: str, message: str
    ) -> None:
        self.report.add(Note(result=result, subject=self.subject, field=path, message=message))


_REMEDIES = (
    (r"host(Network|PID|IPC|Users|Aliases|Port|IP)$", "pods have their own network and processes"),
    (r"nodeSelector|affinity|tolerations|nodeName|runtimeClassName|placement",
     "write pool, the pool whose nodes run the pods"),
    (r"topologySpreadConstraints", "write spread; pods are spread over zones and nodes by default"),
    (r"reservations\.devices$", "write whole devices in requests.gpu or requests.neuron"),
    (r"deploy\.mode$", "the scheduler chooses the nodes; write replicas"),
    (r"limits\.cpu$|\bcpus$", "pods have no CPU limit, so that they start fast after a failure"),
    (r"strategy|update_config|rollback_config|minReadySeconds|revisionHistoryLimit|"
     r"progressDeadlineSeconds|backoffLimitPerIndex|podFailurePolicy|ttlSecondsAfterFinished|"
     r"restart(Policy|_policy)?$|imagePullPolicy|pull_policy|unhealthyPodEvictionPolicy",
     "the program sets this"),
    (r"priority(ClassName)?$", "write critical: true if the pods are to preempt other pods"),
    (r"certificate-arn$", "write loadBalancing.certificate, or a domain in ha-eks:traffic"),
    (r"load-balancer-attributes$|proxy-(read|send)-timeout$", "write longestRequestSeconds, from "
     "which the idle timeout of the load balancer follows, or loadBalancing.idleTimeoutSeconds"),
    (r"(healthcheck-(interval|timeout)-seconds|healthy-threshold-count|ssl-policy)$",
     "the program sets this"),
    (r"ip-address-type$", "write loadBalancing.ipAddressType"),
    (r"wafv2-acl-arn$", "write loadBalancing.waf.webAcl"),
    (r"limit-(rps|rpm|connections)$", "write loadBalancing.waf.requestsPerFiveMinutes"),
    (r"security-groups$", "write loadBalancing.sourceRanges or sourcePrefixLists"),
    (r"(permanent|temporal|www)-redirect$|alb.+/actions\.", "write loadBalancing.redirects for a "
     "redirect to another host"),
    (r"rewrite-target$|use-regex$", "the load balancer sends the path of the request as it is; the "
     "app must serve it"),
    (r"cert-manager\.io|external-dns", "write ha-eks:traffic: the program creates certificates and "
     "DNS records"),
    (r"annotations", "no workload has annotations; write an extension (docs/extensions.md)"),
    (r"spec\.type$", "write expose to put the app behind the Application Load Balancer"),
    (r"sessionAffinity", "write expose.stickySeconds for requests of clients outside of the cell"),
    (r"httpGet\.(scheme|httpHeaders|host)", "probes send plain HTTP without headers to the pod; "
     "write another path, or a command"),
    (r"securityContext\.(privileged|capabilities|procMount|seLinuxOptions|allowPrivilege)|"
     r"\bprivileged$|\bcap_add$|security_opt$|\bdevices$|\bsysctls$",
     "namespaces enforce the restricted Pod Security Standard; write an extension "
     "(docs/extensions.md)"),
    (r"postStart$", "start the program with a command that includes this"),
    (r"(^|\.)tls$", "write a domain in ha-eks:traffic, or loadBalancing.certificate"),
    (r"nvidia\.com|neuron|resources\.claims", "write whole devices in requests.gpu or "
     "requests.neuron"),
    (r"dns(Policy|Config)$|^dns", "pods use the DNS of the cluster"),
    (r"\bbuild$|develop$", "build the image in CI, push it, and write its name in image"),
    (r"env_file$", "write its variables in env, and its secrets in secretEnv"),
    (r"depends_on|\blinks$", "pods start in any order; the program must try again to connect"),
    (r"networks$|network_mode$", "network policies allow connections by talksTo and reaches"),
    (r"\bsecrets$", "write secretFiles or awsSecrets"),
    (r"\blogging$", "write logs; the standard output goes to CloudWatch Logs"),
    (r"suspend$", "remove the cron job from the stack file instead"),
)  # fmt: skip


def remedy(path: str) -> str:
    """Returns what to do about a field that is not carried over."""
    for pattern, text in _REMEDIES:
        if re.search(pattern, path):
            return text
    return "there is no setting; if it is needed, write an extension (docs/extensions.md)"
