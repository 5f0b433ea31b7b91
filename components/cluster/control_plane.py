"""What the cluster inside of `pulumi_eks.Cluster` has, and pulumi-eks does not expose."""

import pulumi

from settings.cluster.cluster import Cluster as ClusterSettings


def control_plane_settings(cluster: ClusterSettings) -> pulumi.ResourceTransform:
    """Sets on the cluster inside of `pulumi_eks.Cluster` what that does not expose."""

    def transform(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if args.type_ != "aws:eks/cluster:Cluster":
            return None
        props = {
            **args.props,
            # The creator's rights come from an access entry that we own; EKS takes one an ARN.
            "accessConfig": {
                "authenticationMode": "API",
                "bootstrapClusterCreatorAdminPermissions": False,
            },
            "zonalShiftConfig": {"enabled": cluster.zonal_shift},
            "controlPlaneScalingConfig": {"tier": cluster.control_plane_tier},
        }
        return pulumi.ResourceTransformResult(props=props, opts=args.opts)

    return transform
