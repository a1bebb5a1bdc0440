"""What one connection has agreed on with its client: shared by the handlers, set by `initialize`."""

from __future__ import annotations

from attrs import define

from magnetar.lsp.handshake import ClientFeatures
from magnetar.model import PositionEncoding


@define
class Session:
    """One client."""

    ledger: str
    """Names the connection to the service, whose conversations are kept per connection."""
    encoding: PositionEncoding = PositionEncoding.UTF16
    features: ClientFeatures = ClientFeatures.of(None)
    navigates_by_focus: bool = False
    """Whether an opened document is no sign of attention, because the client tells of focus as well."""
