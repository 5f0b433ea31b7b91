"""Arithmetic and facts: primitives in, primitives out; no Pulumi, no settings."""
