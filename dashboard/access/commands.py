"""The `fitboard person` commands and `fitboard actions`: who may sign in to the dashboard, and who did what."""

import getpass
import sys
from collections.abc import Sequence
from itertools import islice
from typing import Annotated

import typer

from dashboard.access.deeds import Deed, deeds, write_deed
from dashboard.access.people import ROLES, People, Role
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, console, echo, print_json
from trainer.errors import ConfigError
from trainer.format import clock, counted, one_line
from trainer.home import Home

__all__ = ["actions", "add", "list_people", "make_person_app", "rm", "sign_out"]

_MOST_NAMED = 3

_ROLE_HELP = "; ".join(f"{role}: {words}" for role, words in ROLES.items()) + "."
_NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="User name or e-mail address.")]


def make_person_app() -> typer.Typer:
    """Return the commands."""
    app = typer.Typer(
        name="person", help="Say who may sign in to the dashboard, and in which role.",
        no_args_is_help=True, rich_markup_mode=None,
    )  # fmt: skip
    app.command()(add)
    app.command(name="list")(list_people)
    app.command()(rm)
    app.command(name="sign-out")(sign_out)
    return app


def add(
    name: _NameArgument,
    role: Annotated[Role | None, typer.Option("--role", help=_ROLE_HELP)] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
    ] = False,
    without_password: Annotated[
        bool,
        typer.Option(
            "--without-password", help="For a person who signs in elsewhere, by e-mail; a password that is set is kept."
        ),
    ] = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Add a person, or change role and password of one. The password is asked for, twice."""
    place = Place.of(home, tracking_uri)
    people = People.of(place.home)
    known = people.get(name)
    if without_password and password_stdin:
        raise ConfigError("--without-password cannot be used with --password-stdin.")
    password = None if without_password else _typed() if not password_stdin else sys.stdin.readline().rstrip("\r\n")
    chosen = role or (Role.RUN if known is None else known.role)
    place.home.make()
    is_new = people.put(name, chosen, password)
    _write_down(place.home, "add a person" if is_new else "change a person", name)
    echo(f"{'Added' if is_new else 'Changed'} {name}, who may {ROLES[chosen]}.")


def _typed() -> str:
    if not sys.stdin.isatty():
        raise ConfigError("There is no terminal to type a password in; pass it with --password-stdin.")
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != password:
        raise ConfigError("The two passwords differ; nothing was changed.")
    return password


def list_people(as_json: JsonOption = False, home: HomeOption = None, tracking_uri: UriOption = None) -> None:
    """List who may sign in."""
    found = list(People.of(Place.of(home, tracking_uri).home))
    if as_json:
        print_json([{"name": person.name, "role": str(person.role)} for person in found])
        return
    for person in found:
        console().print(f"{person.role:<12}{person.name}", markup=False)
    if not found:
        echo("Nobody may sign in yet; add someone with `fitboard person add NAME --role administer`.")


def rm(name: _NameArgument, home: HomeOption = None, tracking_uri: UriOption = None) -> None:
    """Remove a person, whose sessions end at once."""
    place = Place.of(home, tracking_uri)
    People.of(place.home).remove(name)
    _write_down(place.home, "remove a person", name)
    echo(f"Removed {name}.")


def sign_out(name: _NameArgument, home: HomeOption = None, tracking_uri: UriOption = None) -> None:
    """End all sessions of a person at once, who can sign in again."""
    place = Place.of(home, tracking_uri)
    People.of(place.home).end_sessions(name)
    _write_down(place.home, "sign a person out", name)
    echo(f"Signed {name} out everywhere.")


def _write_down(home: Home, action: str, name: str) -> None:
    write_deed(home, f"{getpass.getuser()} (command line)", action, [name])


def actions(
    person: Annotated[str, typer.Option("--person", help="Only those of people with this in their name.")] = "",
    about: Annotated[
        str, typer.Option("--about", help="Only those with this in the action, or in a run id or name.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="Maximum number of actions.")] = 50,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """List who did what in the dashboard, newest first. Recorded where people sign in."""
    found = list(islice(deeds(Place.of(home, tracking_uri).home, person=person, about=about), limit))
    if as_json:
        print_json({"actions": [each._asdict() for each in found]})
        return
    width = max((len(one_line(each.person)) for each in found), default=0)
    for each in found:
        words = f"{clock(each.time)}  {one_line(each.person):<{width}}  {each.action}  {_named(each)}"
        console().print(words.rstrip(), markup=False, highlight=False)
    if not found:
        echo(
            "No actions match."
            if person or about
            else "No actions are recorded yet; they are recorded while people have to sign in."
        )


def _named(deed: Deed) -> str:
    shown: Sequence[str] = [one_line(each) for each in deed.subjects[:_MOST_NAMED]]
    more = len(deed.subjects) - len(shown)
    return ", ".join(shown) + (f" and {counted(more, 'other')}" if more else "")
