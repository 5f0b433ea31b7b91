"""Rules over Kubernetes objects, of a recording or of any other manifests."""
