"""What a folder's database holds is taken over when the folder is opened, also where only that shows that it is damaged."""

from __future__ import annotations

from magnetar.errors import BackendUnavailable
from magnetar.search.link import Link
from magnetar.workspace.attention import Attention
from magnetar.workspace.index import Index


async def take_over(link: Link, index: Index, attention: Attention, *, again: bool = True) -> None:
    """Loads what the database holds, and where that shows damage which its opening did not, what a sound one then holds.

    Raises:
        BackendUnavailable: It cannot be read, and is not damaged, or is so once more.
    """
    try:
        await index.load()
        await attention.fold()
    except BackendUnavailable:
        if not (again and link.is_damaged):
            raise
    if again and link.is_damaged:
        await link.renew(attention.folded)
        await take_over(link, index, attention, again=False)
