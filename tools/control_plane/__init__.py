"""A real Kubernetes control plane on the loopback interface."""
