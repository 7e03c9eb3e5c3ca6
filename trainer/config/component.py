"""The building blocks of a config: components, and the registries that hold them."""

import difflib
import functools
import inspect
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler, SerializerFunctionWrapHandler
from pydantic_core import CoreSchema

__all__ = ["Component", "Later", "Registry", "nearest", "option", "without_defaults"]


def option(default: Any = ..., text: str = "", *, advanced: bool = False, column: bool = False, **limits: Any) -> Any:
    """Declare a field of a component: its default, its one-line help, and pydantic's limits (`ge`, `le`, …).

    A form shows `advanced` fields collapsed, and offers the columns of the dataset's file for a `column` field.
    """
    extra: dict[str, Any] = {"advanced": advanced, "column": column}
    return Field(default, description=text, json_schema_extra=extra, **limits)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most similar to `word`, ignoring case, or None if none is similar."""
    # A cutoff of 0.5 still finds `Adam` for `Adan` and rejects unrelated words of equal length.
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.5)
    return by_lower[found[0]] if found else None


def without_defaults(
    part: BaseModel, serialize: SerializerFunctionWrapHandler, names: frozenset[str]
) -> dict[str, Any]:
    """Serialize a part without those of its fields `names` that are at their default.

    A digest is over the serialized fields: a new field would make every earlier run another config.
    """
    fields: dict[str, Any] = serialize(part)
    # The part's own values, since a tuple is serialized as a list.
    is_default = {name: getattr(part, name) == type(part).model_fields[name].default for name in names & fields.keys()}
    return {name: value for name, value in fields.items() if not is_default.get(name)}


class Component(BaseModel):
    """A frozen part of a config, discriminated by its first field (`layer`, `name` or `callback`).

    A subclass declares that field as `Literal["Dense"] = "Dense"`; every other field has the name, the default and
    the meaning that it has in Keras.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    key: ClassVar[str] = "name"
    first: ClassVar[tuple[str, ...]] = ()
    """Fields listed before all others, inherited or not."""

    keras_name: ClassVar[str | None] = None
    """The name of Keras's class if it is not the kind."""

    call_arguments: ClassVar[frozenset[str]] = frozenset()
    """Fields that a layer of Keras takes when it is called, not when it is made."""

    @property
    def kind(self) -> str:
        """The component's name as Keras spells it, such as `Dense`."""
        return str(getattr(self, self.key))

    @classmethod
    def kind_of(cls) -> str:
        """Return the `kind` of every instance of this class."""
        return str(cls.model_fields[cls.key].default)

    @classmethod
    def field_order(cls) -> tuple[str, ...]:
        """Return every field except the discriminator in display order: common fields first, then advanced ones.

        Within each group, the class's own fields come before inherited ones.
        """
        return _field_order(cls)

    def arguments(self) -> dict[str, Any]:
        """Return every field except the discriminator by name, with nested components left as they are."""
        return {name: getattr(self, name) for name in self.field_order()}

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, validated again."""
        return type(self).model_validate({**self.model_dump(), **changes})


@functools.cache
def _field_order(cls: type[Component]) -> tuple[str, ...]:
    definers: dict[str, int] = {}
    # The MRO runs from the class to its bases, so `setdefault` keeps the most derived definition of a field.
    for distance, ancestor in enumerate(cls.__mro__):
        for name in inspect.get_annotations(ancestor):
            definers.setdefault(name, distance)

    def rank(name: str) -> tuple[bool, bool, int]:
        extra = cls.model_fields[name].json_schema_extra
        advanced = isinstance(extra, dict) and bool(extra.get("advanced"))
        return name not in cls.first, advanced, definers[name]

    return tuple(sorted((name for name in cls.model_fields if name != cls.key), key=rank))


def _folded(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower())


# Without `eq`, a registry is hashed by identity. By its fields it could not be hashed: mappings have no hash.
@dataclass(frozen=True, kw_only=True, eq=False)
class Registry:
    """The components that a field can choose from: all layers, all optimizers, …

    `Annotated[Layer, LAYERS]` is the type of a field that takes one of them. Pydantic sees the union of the members,
    discriminated by `key`; names are accepted in any of their forms. `aliases` are Keras's own short names. An
    `exact` registry accepts names only as they are spelled.
    """

    noun: str
    key: str
    members: Mapping[str, type[Component]]
    aliases: Mapping[str, str] = field(default_factory=dict)
    exact: bool = False

    @classmethod
    def of(
        cls,
        noun: str,
        members: Iterable[type[Component]],
        *,
        aliases: Mapping[str, str] | None = None,
        exact: bool = False,
    ) -> "Registry":
        """Return the registry of the given classes, which share one discriminator field."""
        named = {member.kind_of(): member for member in members}
        key = next(iter(named.values())).key
        return cls(noun=noun, key=key, members=named, aliases=aliases or {}, exact=exact)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        members = functools.reduce(operator.or_, self.members.values())
        return handler.generate_schema(Annotated[members, Field(discriminator=self.key), BeforeValidator(self.expand)])

    def full_name(self, word: str) -> str:
        """Return the name as Keras spells it if `word` is one of its forms, else `word` itself."""
        if self.exact or word in self.members:
            return word
        spelled = {_folded(name): name for name in self.members}
        spelled |= {_folded(alias): name for alias, name in self.aliases.items()}
        return spelled.get(_folded(word), word)

    def expand(self, value: Any) -> Any:
        """Return shorthand (`adam`, `{name: adam}`) with the full name, and any other value unchanged."""
        if isinstance(value, str):
            return {self.key: self.full_name(value)}
        if isinstance(value, Mapping) and isinstance(value.get(self.key), str):
            return {**value, self.key: self.full_name(value[self.key])}
        return value


@dataclass(frozen=True, eq=False)
class Later:
    """A registry that is complete only after its members are defined, since some of them contain others."""

    registry: Callable[[], Registry]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return self.registry().__get_pydantic_core_schema__(source, handler)
