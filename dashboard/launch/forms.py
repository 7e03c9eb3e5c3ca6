"""Pages of forms for people who have not signed in, or change how they do: without Streamlit and without scripts."""

from collections.abc import Mapping, Sequence
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import HTMLResponse

__all__ = ["Field", "Form", "Link", "form_page", "read_form"]

_LONGEST_FORM = 10_000


class Field(NamedTuple):
    """An input of a form. `fills` is the value of HTML's `autocomplete`."""

    name: str
    label: str
    fills: str
    value: str = ""
    is_secret: bool = False


class Form(NamedTuple):
    """A form that is sent by POST: its address, the label of its button, and its inputs."""

    action: str
    button: str
    fields: Sequence[Field] = ()
    hidden: Mapping[str, str] = {}
    title: str = ""
    words: str = ""
    is_quiet: bool = False


class Link(NamedTuple):
    """A link; `is_button` if it is what most people came for."""

    address: str
    label: str
    is_button: bool = False


def form_page(
    title: str,
    *,
    lines: Sequence[str] = (),
    problem: str = "",
    done: str = "",
    forms: Sequence[Form] = (),
    links: Sequence[Link] = (),
    status: HTTPStatus = HTTPStatus.OK,
) -> HTMLResponse:
    """Return a page that no cache keeps; all that is given is escaped.

    Args:
        title: the heading.
        lines: sentences below it.
        problem: what is wrong, as an alert.
        done: what was done, as a status.
        forms: the forms, one below the other.
        links: the links below them.
        status: the status of the response.
    """
    text = _template().render(
        title=title, lines=lines, problem=problem, done=done, forms=forms, links=links, focus=_focus(forms)
    )
    return HTMLResponse(text, status, {"Cache-Control": "no-store"})


def _focus(forms: Sequence[Form]) -> str:
    """Return the name of the first empty field, where people go on typing."""
    names = [field.name for form in forms[:1] for field in form.fields if not field.value]
    return names[0] if names else ""


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("sign_in.html.jinja")


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form; those of one that is too long or not text are empty.

    Raises:
        ClientDisconnect: the browser has gone.
    """
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > _LONGEST_FORM:
            return {}
    try:
        return {name: values[0] for name, values in parse_qs(content.decode("utf-8"), max_num_fields=10).items()}
    except ValueError:
        return {}
