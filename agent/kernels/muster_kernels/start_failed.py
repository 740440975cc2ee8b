"""What a start of ranks that came to nothing is."""


class StartFailed(Exception):
    """The ranks could not be started; the text says why. None is left."""
