"""Builds the statements that allow a deployer to create, change and delete a recorded stack."""

import itertools
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.image_names import cell_in_ecr
from core.short_names import rule_prefix
from core.trace_names import cell_in_traces
from settings import Settings
from tools.deploy.policy.tables import Condition, Row, Scope, calls, scopes, types
from tools.recording import Recording, Resource, in_extension

Statement = Mapping[str, Any]  # Any: JSON of any shape

_PLACEHOLDER = re.compile(r"{(\w+)}")

_RANDOM_SUFFIX = "-???????"
"""Suffix that pulumi-aws appends to the name of a resource: seven hexadecimal digits.
https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming"""

_BACKUP = "backup.amazonaws.com"
"""Service that roles of backups and restores trust."""


class PolicyError(Exception):
    """The policy cannot be generated; the message has a line for each problem."""


def statements(recording: Recording, account: str) -> Mapping[str, Sequence[Statement]]:
    """Returns the statements of each group, sorted by Sid.

    Raises PolicyError if a recorded resource type has no row in types/*.toml, unless all resources
    of the type belong to an extension: `without_permissions`.
    """
    return _statements(recording, account, _grants(recording))


def release_statements(
    recording: Recording, account: str, app: str
) -> Mapping[str, Sequence[Statement]]:
    """Returns the statements of a role that only releases images of an app, by document.

    AWS lets the role read the cell and the alarms, and use the state; it can change no resource.
    """
    found = _statements(recording, account, _release_grants(recording))
    reading = [each for group, of_group in found.items() if group != "state" for each in of_group]
    return {
        f"{app}-release": sorted(reading, key=lambda each: each["Sid"]),
        f"{app}-state": found["state"],
    }


def _statements(
    recording: Recording, account: str, grants: Mapping[str, "_Grant"]
) -> Mapping[str, Sequence[Statement]]:
    values = _values(recording, account)
    found: dict[str, list[Statement]] = defaultdict(list)
    for sid, grant in sorted(grants.items()):
        scope = scopes()[sid]
        own = {
            **values,
            "region": sorted(grant.regions),
            "name": _names(recording.of_type(scope.names) if scope.names else []),
        }
        resources = sorted({text for each in scope.resources for text in _filled(each, own)})
        condition = _condition(scope, own)
        if resources and condition is not None:
            statement: dict[str, Any] = {
                "Sid": sid,
                "Effect": "Allow",
                "Action": sorted(grant.actions),
                "Resource": resources,
            }
            found[scope.group].append(
                {**statement, "Condition": condition} if condition else statement
            )
    return {
        group: found[group]
        for group in dict.fromkeys(s.group for s in scopes().values())
        if group in found
    }


def without_permissions(recording: Recording) -> Sequence[str]:
    """Returns the AWS resource types of an extension whose permissions are unknown, sorted."""
    added = {each.type for each in recording.resources if in_extension(each.urn)}
    return sorted(each for each in added - {*types()} if each.startswith("aws:"))


@dataclass(kw_only=True)
class _Grant:
    actions: set[str] = field(default_factory=set[str])
    regions: set[str] = field(default_factory=set[str])

    def add(self, actions: Sequence[str], region: str) -> None:
        self.actions.update(actions)
        self.regions.add(region)


def _grants(recording: Recording) -> Mapping[str, _Grant]:
    """Returns actions and regions by scope."""
    home = recording.settings.aws.region
    found: dict[str, _Grant] = defaultdict(_Grant)

    def add(row: Row, region: str) -> None:
        for scope, actions in row.items():
            found[scope].add(actions, region)

    recorded = {each.type for each in recording.resources if each.type.startswith("aws:")}
    recorded -= {*without_permissions(recording)}
    missing = sorted(recorded - {*types()})
    if missing:
        raise PolicyError(
            "\n".join(
                f"{each}: no permissions are known for this resource type; add a row to "
                "tools/deploy/policy/types"
                for each in missing
            )
        )
    for resource in recording.resources:
        if resource.type in recorded:
            add(types()[resource.type], str(resource.inputs.get("region") or home))
    for call in calls().values():
        if call.needs is None or call.needs in recorded:
            add(call.row, home)
    return found


def _release_grants(recording: Recording) -> Mapping[str, _Grant]:
    """Returns actions and regions by scope, of all calls that a release makes."""
    found: dict[str, _Grant] = defaultdict(_Grant)
    for call in calls().values():
        if call.release:
            for scope, actions in call.row.items():
                found[scope].add(actions, recording.settings.aws.region)
    return found


def _values(recording: Recording, account: str) -> Mapping[str, Sequence[str]]:
    """Returns the values of each placeholder that is the same for all scopes."""
    settings = recording.settings
    existing = settings.network.existing
    firewalls = [each.settings.waf for each in settings.load_balancers.values()]
    roles = recording.of_type("aws:iam/role:Role")
    attachments = recording.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    return {
        "cell": [recording.stack],
        "cell_in_ecr": [cell_in_ecr(recording.stack)],
        "cell_in_traces": [cell_in_traces(recording.stack)],
        "rule_prefix": [rule_prefix(recording.stack)],
        "account": [account],
        "role": _names(roles),
        "backup_role": _names([each for each in roles if _BACKUP in _trusted(each)]),
        "policy": sorted({str(each.inputs["policyArn"]) for each in attachments}),
        "service": sorted({service for role in roles for service in _trusted(role)}),
        "zone": [*_zones(settings)],
        "record": [*_record_names(settings)],
        "secret": sorted(settings.images.credentials.values()),
        "vpc": [existing.vpc_id] if existing else [],
        "file_system": sorted(
            {
                each.shared_volume.file_system
                for each in settings.sharing.values()
                if each.shared_volume and each.shared_volume.file_system
            }
        ),
        "web_acl": sorted({each.web_acl for each in firewalls if each and each.web_acl}),
    }


def _zones(settings: Settings) -> Iterator[str]:
    """Yields the IDs of the hosted zones; `*` if the cell creates one, whose ID is not known."""
    names = [(each, each.names) for each in settings.load_balancers.values() if each.names]
    yield from sorted({zone for each, found in names for zone in found.zone_ids(each.hosts)})
    if any(found.hosted_zone_id is None for _, found in names):
        yield "*"


def _record_names(settings: Settings) -> Iterator[str]:
    """Yields the normalized name of each host, and a pattern of its validation records.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-rrset-conditions.html
    """
    balancers = settings.load_balancers.values()
    for host in dict.fromkeys(host for each in balancers for host in each.recorded_hosts):
        yield host.replace("*", "\\052")
        yield f"_*.{host.removeprefix('*.')}"


def _names(found: Sequence[Resource]) -> Sequence[str]:
    """Returns the name in AWS, or a pattern of it, of each recorded resource."""
    return sorted({str(each.inputs.get("name") or each.name + _RANDOM_SUFFIX) for each in found})


def _trusted(role: Resource) -> Iterator[str]:
    """Yields the services that a role trusts."""
    for statement in json.loads(str(role.inputs["assumeRolePolicy"]))["Statement"]:
        yield statement["Principal"]["Service"]


def _filled(template: str, values: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yields the template with each combination of the values of its placeholders."""
    names = list(dict.fromkeys(_PLACEHOLDER.findall(template)))
    for combination in itertools.product(*(values[name] for name in names)):
        yield template.format(**dict(zip(names, combination, strict=True)))


def _condition(scope: Scope, values: Mapping[str, Sequence[str]]) -> Condition | None:
    """Returns the condition of a scope; None if a placeholder has no value."""
    filled: dict[str, dict[str, str | list[str]]] = {}
    for operator, keys in scope.condition.items():
        for key, templates in keys.items():
            each = [templates] if isinstance(templates, str) else templates
            texts = sorted({text for template in each for text in _filled(template, values)})
            if not texts:
                return None
            filled.setdefault(operator, {})[key] = texts[0] if len(texts) == 1 else texts
    return filled
