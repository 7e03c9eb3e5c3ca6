"""The `fitboard person` commands: who may sign in to the dashboard."""

import getpass
import sys
from typing import Annotated

import typer

from dashboard.access.people import ROLES, People, Role
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, console, echo, print_json
from trainer.errors import ConfigError

__all__ = ["add", "list_people", "make_person_app", "rm"]

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
    People.of(Place.of(home, tracking_uri).home).remove(name)
    echo(f"Removed {name}.")
