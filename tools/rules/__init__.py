"""Rules of high availability, over Kubernetes objects, AWS resources and settings."""
