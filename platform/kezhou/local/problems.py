"""What can go wrong on one machine, always as one sentence that says what to do."""


class LocalProblem(Exception):
    """A start, stop, backup or restore cannot go on; ``str()`` is the sentence to show, without a traceback."""
