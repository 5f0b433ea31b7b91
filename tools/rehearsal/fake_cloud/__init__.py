"""In-memory AWS, EKS and Kubernetes, served to the Pulumi engine as providers."""
