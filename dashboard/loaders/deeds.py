"""What people did, for those who administer."""

from collections.abc import Sequence
from itertools import islice

from dashboard.access import deeds
from dashboard.access.deeds import Deed
from dashboard.access.people import Role
from dashboard.access.rights import AccessError, reason_against
from dashboard.loaders.context import context

__all__ = ["actions"]


def actions(*, person: str, about: str, begin: int, most: int) -> Sequence[Deed]:
    """Return actions, newest first, from the one at `begin` on.

    Args:
        person: part of the name of who did them.
        about: part of what was done, or of what it was done to.
        begin: the number of newer ones that are left out.
        most: the number of actions that are returned at most.

    Raises:
        AccessError: the person who asks does not administer.
        ResourceError: the file cannot be read.
    """
    against = reason_against(Role.ADMINISTER)
    if against is not None:
        raise AccessError(against)
    found = deeds.deeds(context().home, person=person, about=about)
    return list(islice(found, begin, begin + most))
