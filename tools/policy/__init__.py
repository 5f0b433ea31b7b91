"""Policy pack: applies the rules of the audit in `pulumi preview`, `up` and `policy analyze`."""
