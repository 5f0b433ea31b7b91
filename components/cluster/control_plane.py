"""Control plane settings that pulumi_eks.Cluster does not expose."""

import pulumi

from settings.cluster.cluster import Cluster as ClusterSettings


def control_plane_settings(cluster: ClusterSettings) -> pulumi.ResourceTransform:
    """Returns a transform that changes the aws:eks/cluster:Cluster inside pulumi_eks.Cluster.

    The transform sets access, zonal shift and the scaling tier of the control plane.
    """

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
        }
        return pulumi.ResourceTransformResult(props=props, opts=args.opts)

    return transform
