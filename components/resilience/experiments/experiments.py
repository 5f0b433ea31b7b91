"""The experiments of a cell: templates, roles, log and reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi_aws import fis

from components.log_bucket import log_bucket
from components.log_groups import log_group
from components.resilience.experiments.pod_access import (
    SERVICE_ACCOUNT,
    PodAccessArgs,
    kubernetes_user,
    pod_access,
)
from components.resilience.experiments.targets import Targets
from components.resilience.experiments.template import TemplateArgs, template_args
from core.experiments.catalog import EXPERIMENTS
from core.experiments.experiment import Experiment
from core.experiments.permissions import evidence, experiment_trust, statements
from core.experiments.stop_conditions import stop_alarms
from core.iam import deny_without_tls, policy
from settings.resilience.experiments import Experiments as ExperimentsSettings


@dataclass(frozen=True, kw_only=True)
class ExperimentsArgs:
    """Arguments of Experiments."""

    experiments: ExperimentsSettings
    """The `resilience.experiments` section of the stack file."""
    targets: Targets
    """Resources that the experiments act on."""
    apps: Mapping[str, pulumi.Input[str]]
    """Namespace of each app whose pods are deleted, an output of it, by app."""
    control_plane_cidrs: Sequence[str]
    """CIDRs of the Kubernetes API."""
    alarm_arns: Mapping[str, pulumi.Input[str]]
    """ARN of each metric alarm of the cell, by key."""
    dashboard_arn: pulumi.Input[str]
    """ARN of the dashboard of the cell."""
    log_key_arn: pulumi.Input[str]
    """ARN of the KMS key of the log group."""
    protected: bool
    """True if the bucket of reports is not deleted while it has reports."""


class Experiments(pulumi.ComponentResource):
    """Creates a FIS template and a role for each enabled experiment, a log group and a bucket.

    Without enabled experiments that delete pods, nothing is created in the cluster.
    """

    def __init__(
        self, name: str, args: ExperimentsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Experiments", name, None, opts)
        self._name, self._args = name, args
        context, days = args.targets.context, args.experiments.retention_days
        self._bucket = log_bucket(
            f"{name}-reports",
            days,
            lambda bucket, objects: policy(deny_without_tls(bucket, objects)),
            protected=args.protected,
            parent=self,
        )
        self._log_group = log_group(
            name, f"/aws/eks/{context.cell}/experiments", days, args.log_key_arn, self
        )
        for each in args.experiments.enabled:
            self._create(EXPERIMENTS[each])
        self.register_outputs({})

    def _create(self, experiment: Experiment) -> None:
        """Creates the role and the template of an experiment."""
        args, name = self._args, f"{self._name}-{experiment.name}"
        context = args.targets.context
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            name,
            aws.iam.RoleArgs(
                assume_role_policy=pulumi.Output.json_dumps(
                    experiment_trust(context.account, context.region)
                )
            ),
            opts=child,
        )
        permissions = aws.iam.RolePolicy(
            name,
            aws.iam.RolePolicyArgs(
                role=role.name, policy=pulumi.Output.json_dumps(self._policy(experiment))
            ),
            opts=child,
        )
        if any(action.per_app for action in experiment.actions):
            self._open_apps(name, role)
        fis.ExperimentTemplate(
            name,
            template_args(
                experiment,
                TemplateArgs(
                    targets=args.targets,
                    values=self._values,
                    apps=[*args.apps],
                    role_arn=role.arn,
                    stop_alarm_arns=[args.alarm_arns[key] for key in stop_alarms(args.alarm_arns)],
                    dashboard_arn=args.dashboard_arn,
                    log_group_arn=self._log_group.arn,
                    bucket=self._bucket,
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permissions]),
        )

    def _policy(self, experiment: Experiment) -> Mapping[str, object]:
        """Returns the policy of the role: the actions of the experiment, its log and its report."""
        objects = pulumi.Output.concat("arn:aws:s3:::", self._bucket, f"/{experiment.name}/*")
        actions = [(each.id, each.document) for each in experiment.actions]
        return policy(
            *statements(actions, self._args.targets.scope),
            *evidence(objects, self._args.dashboard_arn),
        )

    @property
    def _values(self) -> Mapping[str, str]:
        """Values of the placeholders in the catalog."""
        args, targets = self._args, self._args.targets
        # A group over all zones has no nodes of one zone: as many nodes as a zone has.
        percent = 100 if targets.node_zone else -(-100 // len(targets.zones))
        return {
            "zone": targets.zone,
            "other_zones": ",".join(zone for zone in targets.zones if zone != targets.zone),
            "other_region": args.experiments.other_region or "",
            "percent": f"{percent}",
            "service_account": SERVICE_ACCOUNT,
        }

    def _open_apps(self, name: str, role: aws.iam.Role) -> None:
        """Gives the role of an experiment access to the pods of the apps."""
        args, child = self._args, pulumi.ResourceOptions(parent=self)
        kubernetes_user(name, args.targets.context.cluster_name, role.arn, child)
        for app, namespace in args.apps.items():
            access = PodAccessArgs(
                namespace=namespace, user=name, control_plane_cidrs=args.control_plane_cidrs
            )
            pod_access(name, app, access, child)
