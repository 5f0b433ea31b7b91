"""An independent scanner over the manifests of stacks: what it finds is mended, or waived."""
