"""Tests of the report in Chromium: `make test-report`."""
