"""The objects of an app, in the order in which they have to be there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import apiextensions, apps, core, meta, policy

from components.app.autoscaler import AutoscalerArgs, autoscaler
from components.app.pod import pod_spec
from components.autoscaling import PriorityClasses
from components.images import Pulled
from components.labels import APP_PODS, NAME
from components.load_balancing import Target
from components.queries import Source
from components.restricted import namespace
from settings.apps import App as AppSettings
from settings.pools import Pool


@dataclass(frozen=True, kw_only=True)
class AppArgs:
    """What an app needs."""

    app: AppSettings
    """The stack file's settings of the app."""
    pulled: Pulled
    """Where its image is pulled from."""
    zones: int
    """Zones that the claim counts with."""
    pools: Mapping[str, Pool]
    """The pools of the stack file, by name."""
    priority_classes: PriorityClasses
    """Who makes whom give way."""
    after: Sequence[pulumi.Resource]
    """What scales its pods, and the nodes for them."""
    target: Target | None
    """Where its pods are registered; None if nothing is exposed."""
    source: Source | None
    """Who answers queries; None if no app has any."""


class App(pulumi.ComponentResource):
    """Namespace, Service, binding, ServiceAccount, Deployment, autoscaler, disruption budget.

    The component's name is the app's, and the namespace's.
    """

    serving: Sequence[pulumi.Resource]
    """What is there when the app serves."""

    def __init__(
        self, name: str, args: AppArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:App", name, None, opts)
        self._name = name
        child = pulumi.ResourceOptions(parent=self)
        # The webhook gives a pod its readiness gate in namespaces with this label only.
        gate = {"elbv2.k8s.aws/pod-readiness-gate-inject": "enabled"} if args.target else {}
        self._space = namespace(name, name, child, gate)
        account = core.v1.ServiceAccount(
            name, metadata=self._metadata(), automount_service_account_token=False, opts=child
        )
        service = self._service(args.app)
        budget = self._budget(args)
        before: list[pulumi.Resource] = [account, service, budget, *args.after]
        if args.target:
            before.append(self._binding(args.app, args.target, service))
        deployment = self._deployment(args, before)
        scaler = autoscaler(
            name,
            AutoscalerArgs(
                app=args.app,
                zones=args.zones,
                deployment=deployment,
                metadata=self._metadata,
                source=args.source,
            ),
            self,
        )
        self.serving = [deployment, scaler]
        self.register_outputs({})

    def _metadata(self, annotations: Mapping[str, str] | None = None) -> meta.v1.ObjectMetaArgs:
        return meta.v1.ObjectMetaArgs(
            name=self._name,
            namespace=self._space.metadata.name,
            labels=_labels(self._name),
            annotations=annotations,
        )

    def _selector(self) -> meta.v1.LabelSelectorArgs:
        return meta.v1.LabelSelectorArgs(match_labels={NAME: self._name})

    def _service(self, app: AppSettings) -> core.v1.Service:
        return core.v1.Service(
            self._name,
            # Pulumi would wait for the pods, which wait for the Service.
            metadata=self._metadata({"pulumi.com/skipAwait": "true"}),
            spec=core.v1.ServiceSpecArgs(
                type="ClusterIP",
                selector={NAME: self._name},
                ports=[
                    core.v1.ServicePortArgs(name=name, port=port, target_port=name, protocol="TCP")
                    for name, port in app.ports.items()
                ],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _binding(
        self, app: AppSettings, target: Target, service: core.v1.Service
    ) -> apiextensions.CustomResource:
        """Registers the pods in the target group; there before them, so that they get their gate.

        https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/apis/elbv2/v1beta1/targetgroupbinding_types.go
        """
        return apiextensions.CustomResource(
            self._name,
            api_version="elbv2.k8s.aws/v1beta1",
            kind="TargetGroupBinding",
            metadata=self._metadata(),
            spec={
                "serviceRef": {"name": self._name, "port": app.port},
                "targetGroupARN": target.arn,
                "targetType": "ip",
                # Without it, the controller deregisters what it does not find in its cluster.
                "multiClusterTargetGroup": True,
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[service, *target.ready]),
        )

    def _budget(self, args: AppArgs) -> policy.v1.PodDisruptionBudget:
        """As many pods may be evicted at once as a lost zone would take."""
        return policy.v1.PodDisruptionBudget(
            self._name,
            metadata=self._metadata(),
            spec=policy.v1.PodDisruptionBudgetSpecArgs(
                selector=self._selector(),
                max_unavailable=args.app.evictable(args.zones),
                unhealthy_pod_eviction_policy="AlwaysAllow",
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _deployment(self, args: AppArgs, before: Sequence[pulumi.Resource]) -> apps.v1.Deployment:
        """Without `replicas`: they are the autoscaler's."""
        return apps.v1.Deployment(
            self._name,
            metadata=self._metadata(),
            spec=apps.v1.DeploymentSpecArgs(
                selector=self._selector(),
                revision_history_limit=5,
                progress_deadline_seconds=600,
                strategy=apps.v1.DeploymentStrategyArgs(
                    type="RollingUpdate",
                    rolling_update=apps.v1.RollingUpdateDeploymentArgs(
                        max_surge=args.zones, max_unavailable=0
                    ),
                ),
                template=core.v1.PodTemplateSpecArgs(
                    metadata=meta.v1.ObjectMetaArgs(labels=_labels(self._name)),
                    spec=pod_spec(
                        self._name,
                        args.app,
                        args.pulled,
                        args.pools[args.app.pool] if args.app.pool else None,
                        _priority_class(args),
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=before),
        )


def _priority_class(args: AppArgs) -> pulumi.Output[str]:
    return args.priority_classes.critical if args.app.critical else args.priority_classes.default


def _labels(name: str) -> Mapping[str, str]:
    return {NAME: name, **APP_PODS}
