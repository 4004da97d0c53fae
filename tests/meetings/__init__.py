"""Tests of the meetings plugin."""
