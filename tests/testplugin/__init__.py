"""A plugin for the tests of the engine: every hook once, and fields of every type."""
