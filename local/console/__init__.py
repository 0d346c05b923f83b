"""The page people open: the sheet, the mails, what was posted and the trail of events, live, of one local stack."""

from local.console.addresses import StackAddresses
from local.console.app import create_app

__all__ = ["StackAddresses", "create_app"]
