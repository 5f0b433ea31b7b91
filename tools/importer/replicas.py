"""Replicas, scaling and spread of a workload."""

from typing import Any

from core.availability.cpu_target import cpu_target
from core.labels import HOST, ZONE
from tools.importer.fields import Fields
from tools.importer.objects import Objects
from tools.importer.read_files import Manifest
from tools.importer.report import SubjectReport

Settings = dict[str, Any]  # Any: a section of the stack file

_V1_PERCENT = "targetCPUUtilizationPercentage"
"""Target of an autoscaler in autoscaling/v1."""

_FEWEST_ZONES = 2
"""Number of zones for which the entries are valid; they are valid for more zones too."""


def replicas(
    name: str, spec: Fields, labels: dict[str, str], objects: Objects, report: SubjectReport
) -> Settings:
    """Returns the keys `replicas` and `scaling` of a Deployment."""
    autoscaler = _autoscaler(name, objects)
    found: Settings = {}
    if autoscaler:
        scaler, subject = autoscaler.fields.section("spec"), report.of(autoscaler.subject)
        low = scaler.number("minReplicas") or 1
        high = scaler.number("maxReplicas") or low
        spec.skip("replicas")
        found["scaling"] = _scaling(scaler, subject)
        found["replicas"] = replicas_of(low, scaler.path_of("minReplicas"), subject)
    else:
        written = spec.number("replicas")
        low = high = 1 if written is None else written
        found["replicas"] = fixed_replicas(low, spec.path_of("replicas"), report)
    minimum = found["replicas"]["min"]
    found["replicas"]["max"] = max(high, minimum)
    budget = _budget(minimum, labels, objects, report)
    if budget:
        found["replicas"]["maxUnavailable"] = budget
    return found


def fixed_replicas(number: int, path: str, report: SubjectReport) -> Settings:
    """Returns the section `replicas` for a number of pods that does not change."""
    harm = "; if two pods do harm, write the entry in ha-eks:singletons" if number == 1 else ""
    return replicas_of(number, path, report, harm)


def replicas_of(number: int, path: str, report: SubjectReport, remedy: str = "") -> Settings:
    """Returns the section `replicas` for a minimum number of pods.

    `remedy` is the end of the line about a number that is too low.
    """
    minimum = max(number, _FEWEST_ZONES)
    if minimum != number:
        reason = f"so that the app survives a failed zone{remedy}"
        report.changed(path, f"{number} became {minimum}, {reason}")
    needed, in_three = minimum // _FEWEST_ZONES, minimum * 2 // 3
    if in_three > needed:
        report.changed(
            path,
            f"needed is {needed}, which remains of {minimum} pods if one of 2 zones fails; write "
            f"{in_three} in a cell of 3 zones",
        )
    return {"needed": needed, "min": minimum, "max": minimum}


def _autoscaler(name: str, objects: Objects) -> Manifest | None:
    for each in objects.of_kind("HorizontalPodAutoscaler"):
        target = each.fields.section("spec").section("scaleTargetRef")
        target.skip("apiVersion")
        if target.text("kind") == "Deployment" and target.text("name") == name:
            objects.use(each)
            return each
    return None


def _scaling(scaler: Fields, report: SubjectReport) -> Settings:
    found: Settings = {}
    for metric in scaler.sections("metrics"):
        kind = metric.text("type")
        resource = metric.section("resource")
        target, name = resource.section("target"), resource.text("name")
        old = "targetAverageUtilization"  # of v2beta1
        path = resource.path_of(old) if old in resource else target.path_of("averageUtilization")
        percent = target.number("averageUtilization") or resource.number(old)
        if kind != "Resource" or name not in ("cpu", "memory") or percent is None:
            report.lost(metric.path, "write scaling.prometheus or scaling.queues for other metrics")
            metric.skip(*metric)
            continue
        target.skip("type")
        found |= _percent(name, percent, path, report)
    percent = scaler.number(_V1_PERCENT)
    if percent is not None:
        found |= _percent("cpu", percent, scaler.path_of(_V1_PERCENT), report)
    return found | _rates(scaler.section("behavior"))


def _percent(name: str, percent: int, path: str, report: SubjectReport) -> Settings:
    highest = cpu_target(_FEWEST_ZONES)
    if percent <= highest:
        return {f"{name}Percent": percent}
    advice = "the default is used" if name == "cpu" else f"write at most {highest}"
    report.lost(
        path, f"{percent}% of {name} leaves no capacity for the load of a failed zone; {advice}"
    )
    return {}


def _rates(behavior: Fields) -> Settings:
    """Returns `up` and `down`, if their policies are one percentage."""
    found: Settings = {}
    for direction, section in (
        ("up", behavior.section("scaleUp")),
        ("down", behavior.section("scaleDown")),
    ):
        rate: Settings = {}
        if (seconds := section.number("stabilizationWindowSeconds")) is not None:
            rate["stabilizationSeconds"] = seconds
        section.skip_if("selectPolicy", "Max")
        for policy in section.sections("policies"):
            kind, value = policy.text("type"), policy.number("value")
            if value and (kind == "Percent" or direction == "up"):
                rate["percent" if kind == "Percent" else "pods"] = value
                rate["periodSeconds"] = policy.number("periodSeconds")
        if rate:
            found[direction] = {key: value for key, value in rate.items() if value is not None}
    return found


def _budget(
    minimum: int, labels: dict[str, str], objects: Objects, report: SubjectReport
) -> int | None:
    """Returns the number of pods that may be evicted at once; None: the default."""
    for each in objects.selecting("PodDisruptionBudget", labels):
        spec, subject = objects.use(each).section("spec"), report.of(each.subject)
        spec.skip_if("unhealthyPodEvictionPolicy", "AlwaysAllow")
        text = spec.text("maxUnavailable")
        least = spec.text("minAvailable")
        field = "minAvailable" if text is None else "maxUnavailable"
        if text is None and least is not None and least.isdecimal():
            text = str(minimum - int(least))
        highest = max(1, minimum - minimum // _FEWEST_ZONES)
        if text is not None and text.isdecimal() and 1 <= int(text) <= highest:
            return int(text)
        subject.lost(
            spec.path_of(field),
            f"with {minimum} pods, 1 to {highest} can be evicted at once; the default is used, or "
            "write replicas.maxUnavailable",
        )
    return None


def spread(pod: Fields, report: SubjectReport) -> Settings:
    """Returns the section `spread` of a pod."""
    found: Settings = {}
    for constraint in pod.sections("topologySpreadConstraints"):
        key = {ZONE: "zones", HOST: "nodes"}.get(constraint.text("topologyKey") or "")
        constraint.skip("labelSelector", "matchLabelKeys", "nodeTaintsPolicy", "minDomains")
        constraint.skip_if("maxSkew", "1")
        strict = (constraint.text("whenUnsatisfiable") or "DoNotSchedule") == "DoNotSchedule"
        if key is None:
            report.lost(constraint.path)
        elif strict is not (key == "zones"):  # differs from the default
            found[key] = "strict" if strict else "preferred"
    anti_affinity = pod.section("affinity").section("podAntiAffinity")
    for term in anti_affinity.sections("requiredDuringSchedulingIgnoredDuringExecution"):
        term.skip("labelSelector", "namespaces")
        if term.text("topologyKey") == HOST:
            found["nodes"] = "alone"
        else:
            report.lost(term.path)
    # Pods prefer zones and nodes with fewer pods of the app by default.
    anti_affinity.skip("preferredDuringSchedulingIgnoredDuringExecution")
    return {"spread": found} if found else {}
