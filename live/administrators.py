"""The administrators of the cluster. They do not depend on which of them runs Pulumi.

docs/decisions/0048-access-entries-do-not-depend-on-the-caller.md
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from core.principals import is_principal
from live.cell import Running
from settings import Problem, Settings, refusal
from settings.stack import NAMESPACE

_CLUSTER = f"{NAMESPACE}:cluster"


@dataclass(frozen=True, kw_only=True)
class Administrators:
    """The principals that have full access to the cluster."""

    deployer: str | None
    """ARN of the deployer of the stack file, or of the principal that created the cell unless
    `admins` has it; None without either."""
    arns: Sequence[str]
    """ARNs of the deployer and of the admins, each once."""


def administrators(
    settings: Settings, running: Running, caller_arn: str, provider: aws.Provider
) -> Administrators:
    """Returns the administrators of a cell.

    Raises SettingsError if the caller would have no access to the running cell, if the caller would
    remove its own access, or if an administrator is also a viewer or an editor. An editor of an app
    may run an `up` with targets, which releases the app.
    """
    options, tagged = pulumi.InvokeOptions(provider=provider), running.deployer
    admins = settings.cluster.admins
    listed = any(is_principal(caller_arn, arn) for arn in admins)
    deployer = settings.cluster.deployer or tagged
    if not (running.exists or deployer or listed):
        deployer = _principal(caller_arn, options)
    arns = [*dict.fromkeys(filter(None, [deployer, *admins]))]
    problems = [*_several_access_types(settings, arns)]
    allowed = [*arns, *_releasers(settings, running)]
    if running.exists and not any(is_principal(caller_arn, arn) for arn in allowed):
        if settings.cluster.deployer is None:
            problems.append(_no_access(_principal(caller_arn, options), settings, arns))
        elif tagged and is_principal(caller_arn, tagged):
            problems.append(_own_access(tagged, settings.cluster.deployer))
    if problems:
        raise refusal(problems)
    return Administrators(deployer=deployer, arns=arns)


def _releasers(settings: Settings, running: Running) -> Iterator[str]:
    """Yields the editors in an `up` with targets. Kubernetes limits each to its apps."""
    if running.targeted:
        for principals in settings.cluster.editors.values():
            yield from principals


def _principal(caller_arn: str, options: pulumi.InvokeOptions) -> str:
    """Returns the ARN of the user, or of the role with its path behind an assumed-role session.

    docs/decisions/0003-iam-resolves-the-deployer-role.md
    """
    return aws.iam.get_session_context(arn=caller_arn, opts=options).issuer_arn


def _no_access(caller: str, settings: Settings, arns: Sequence[str]) -> Problem:
    admins = ", ".join([*settings.cluster.admins, caller])
    who = f", and let {' or '.join(arns)} run make up first" if arns else ""
    return Problem(
        key=f"{_CLUSTER}.admins",
        message=f"{caller} runs Pulumi, but is no administrator of the running cluster; write "
        f"admins: [{admins}]{who} (docs/access.md)",
    )


def _own_access(caller: str, deployer: str) -> Problem:
    return Problem(
        key=f"{_CLUSTER}.deployer",
        message=f"{caller} runs Pulumi, and would remove its own access to the running cluster; "
        f"add it to admins, and remove it when {deployer} runs Pulumi (docs/access.md)",
    )


def _several_access_types(settings: Settings, arns: Sequence[str]) -> Iterator[Problem]:
    """Yields a problem for each administrator that is a viewer or an editor.

    EKS refuses a second access entry for a principal, and an entry with fewer permissions would
    lock the administrator out.
    """
    cluster = settings.cluster
    places = {
        "viewers": cluster.viewers,
        "editors": [arn for principals in cluster.editors.values() for arn in principals],
    }
    for access, principals in places.items():
        for arn in dict.fromkeys(principals):
            if arn in arns:
                yield Problem(
                    key=f"{_CLUSTER}.{access}",
                    message=f"{arn} is the deployer, a cluster administrator; remove it from "
                    f"{access}, or set cluster.deployer to another principal",
                )
