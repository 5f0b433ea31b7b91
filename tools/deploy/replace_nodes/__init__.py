"""Replaces nodes zone by zone: new ones first, then the old are drained, then deleted."""
