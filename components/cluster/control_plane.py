"""Control plane settings that pulumi_eks.Cluster does not expose."""

import pulumi

from settings.cluster.cluster import Cluster as ClusterSettings


def control_plane_settings(cluster: ClusterSettings) -> pulumi.ResourceTransform:
    """Returns a transform that changes the aws:eks/cluster:Cluster inside pulumi_eks.Cluster.

    The transform sets access, zonal shift, the scaling tier of the control plane, and on a
    provisioned tier the interval of the pod autoscaler.
    """

    provisioned = cluster.control_plane_tier != "standard"
    autoscaler = {"horizontalPodAutoscalerSyncPeriod": f"{cluster.pod_autoscaler_seconds}s"}
    controllers = {"horizontalPodAutoscalerControllerConfig": autoscaler}

    def transform(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if args.type_ != "aws:eks/cluster:Cluster":
            return None
        props = {
            **args.props,
            # Administrators have an explicit access entry, and EKS refuses a second one.
            "accessConfig": {
                "authenticationMode": "API",
                "bootstrapClusterCreatorAdminPermissions": False,
            },
            "zonalShiftConfig": {"enabled": cluster.zonal_shift},
            "controlPlaneScalingConfig": {"tier": cluster.control_plane_tier},
            # EKS refuses this configuration of a standard control plane.
            **({"kubeControllerManagerConfig": controllers} if provisioned else {}),
        }
        return pulumi.ResourceTransformResult(props=props, opts=args.opts)

    return transform
