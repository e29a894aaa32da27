"""Errors that a person can act on."""


class UserError(Exception):
    """Something a user or operator can mend: `what` went wrong, and the `remedy`, each one plain sentence."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(f"{what} {remedy}".strip())
        self.what = what
        self.remedy = remedy


class BusyError(UserError):
    """The session cap is reached. `retry_after_s` tells when to try again."""

    def __init__(self, what: str, retry_after_s: int = 10) -> None:
        super().__init__(what, f"Try again in {retry_after_s} s.")
        self.retry_after_s = retry_after_s


class WorkerDied(UserError):
    """The process that should have answered ended first; a new one is being started."""
