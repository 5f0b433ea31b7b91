"""Names of EKS Pod Identity in pods."""

ASSOCIATION = "ha-eks/identity"
"""Annotation of pods with an IAM role: the id of the association that provides credentials. Another
id rolls out new pods.
docs/decisions/0033-pods-carry-the-id-of-their-pod-identity-association.md"""

CREDENTIALS = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
"""Environment variable that EKS adds to the containers of a pod with an association.
https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html"""
