"""Releases an image of one app: writes, applies and watches it, and rolls it back."""
