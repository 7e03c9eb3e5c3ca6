"""Who is using a page, and what they may do there."""

import os
from collections.abc import Sequence

import streamlit as st

from dashboard.access.deeds import write_deed
from dashboard.access.people import ROLES, Person, Role
from dashboard.environment import OIDC, SIGN_IN
from trainer.errors import FitboardError
from trainer.home import Home

__all__ = ["AccessError", "may", "name_of_person", "needs_sign_in", "permit", "person", "reason_against"]

_SESSION_ENDED = "Your session has ended; reload the page and sign in again."


class AccessError(FitboardError):
    """A person may not do this."""


def needs_sign_in() -> bool:
    """Return whether people have to sign in to this dashboard."""
    return bool(os.environ.get(SIGN_IN))


def person() -> Person | None:
    """Return who is using the page, or None if nobody has to sign in or the session has ended."""
    if not needs_sign_in():
        return None
    cookies, home = st.context.cookies.to_dict(), Home.resolve()
    # Imported late: where nobody signs in, nothing of sign-in is loaded.
    if os.environ[SIGN_IN] == OIDC:
        from dashboard.access.oidc import OidcPeople

        return OidcPeople.of(home).person(cookies)
    from dashboard.access.sessions import Sessions

    return Sessions.of(home).person(cookies)


def name_of_person() -> str | None:
    """Return the name of whoever has signed in, to whom new runs belong; None where nobody has to."""
    who = person()
    return None if who is None else who.name


def may(role: Role) -> bool:
    """Return whether whoever uses the page has a role; everyone has, where nobody has to sign in."""
    if not needs_sign_in():
        return True
    who = person()
    return who is not None and who.role.includes(role)


def reason_against(role: Role) -> str | None:
    """Return why whoever uses the page may not do what a role may, for a disabled button; None if they may."""
    if may(role):
        return None
    who = person()
    if who is None:
        return _SESSION_ENDED
    return f"Your role “{who.role}” does not allow this; ask an administrator for the role “{role}”."


def permit(action: str, role: Role, subjects: Sequence[str] = ()) -> None:
    """Write down that a person does something, or refuse it.

    Args:
        action: what is done, as a verb.
        role: the role that it needs.
        subjects: the ids of the runs, or the names of the data, that it is done to.

    Raises:
        AccessError: the person lacks the role, or the session has ended.
        ResourceError: the action cannot be written down.
    """
    if not needs_sign_in():
        return
    who = person()
    if who is None:
        raise AccessError(_SESSION_ENDED)
    if not who.role.includes(role):
        raise AccessError(f"{who.name} may {ROLES[who.role]}; to {action}, ask an administrator for the role {role}.")
    write_deed(Home.resolve(), who.name, action, subjects)
