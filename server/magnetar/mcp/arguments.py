"""What the tools take: the schemas that a model is shown, and the check of what it sends.

Names are those of magnetar's own protocol; lines are counted from one, as models and people do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import ErrorDetails, core_schema
from typing_extensions import Self

from magnetar.errors import InvalidArguments

_Folder = Annotated[
    str | None,
    Field(description="Which of the workspace's folders, where it has several. Leave it out where it has one."),
]
_File = Annotated[str, Field(min_length=1, description="A file, relative to the workspace's folder.")]


class Arguments(BaseModel):
    """The base of all of them: nothing unknown is accepted."""

    model_config: ClassVar[ConfigDict] = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


class ContextArguments(Arguments):
    """`magnetar_context`."""

    query: Annotated[
        str,
        Field(description="What you want to know or change, in words. File names and identifiers in it count."),
    ] = ""
    file: Annotated[str | None, Field(min_length=1, description="The file you work on, relative to its folder.")] = None
    line: Annotated[int | None, Field(ge=1, description="The line of `file` you work on, counted from 1.")] = None
    token_budget: Annotated[
        int, Field(ge=1, description="Most tokens that the answer's source text and its headings may take.")
    ] = 8_192
    max_items: Annotated[int, Field(ge=1, description="Most pieces in the answer.")] = 64
    include: Annotated[
        tuple[Literal["file", "outline", "symbol", "snippet"], ...],
        Field(description="Which kinds of pieces may be given; all of them where it is left out."),
    ] = ()
    must_include: Annotated[
        tuple[_File, ...], Field(description="Files that come first, whole where they fit, relative to their folder.")
    ] = ()
    exclude: Annotated[
        tuple[_File, ...],
        Field(description="Files you have already or don't want; the room they leave goes to others."),
    ] = ()
    folder: _Folder = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not (self.query.strip() or self.file or self.must_include):
            raise ValueError("give a query, a file, or both")
        if self.line is not None and self.file is None:
            raise ValueError("a line needs the file it is a line of")
        return self


class SearchArguments(Arguments):
    """`magnetar_search`."""

    query: Annotated[str, Field(min_length=1, description="Words or identifiers; no regular expression.")]
    limit: Annotated[int, Field(ge=1, le=200, description="Most places to give.")] = 20
    folder: _Folder = None


class SymbolsArguments(Arguments):
    """`magnetar_symbols`."""

    query: Annotated[str | None, Field(description="Part of a symbol's name, in any case.")] = None
    file: Annotated[str | None, Field(min_length=1, description="Only the symbols of this file, in its order.")] = None
    limit: Annotated[int, Field(ge=1, le=1_000, description="Most symbols to give.")] = 100
    folder: _Folder = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not (self.query or self.file):
            raise ValueError("give a query, a file, or both")
        return self


class PredictArguments(Arguments):
    """`magnetar_predict`."""

    file: Annotated[str, Field(min_length=1, description="The file that is being worked on, relative to its folder.")]
    top_k: Annotated[int, Field(ge=1, le=100, description="Most files to give.")] = 5


_OWN_WORDS = {"extra_forbidden": "there is no such argument", "missing": "it must be given"}
_Arguments = TypeVar("_Arguments", bound=Arguments)


def read(kind: type[_Arguments], raw: Mapping[str, Any] | None) -> _Arguments:
    """Checks what a model sent.

    Raises:
        InvalidArguments: The text names each argument that is wrong, and what it must be.
    """
    try:
        return kind.model_validate(raw or {}, by_name=False)
    except ValidationError as error:
        wrong = "; ".join(map(_complaint, error.errors(include_url=False, include_input=False)))
        known = ", ".join(str(field.alias) for field in kind.model_fields.values())
        raise InvalidArguments(f"{wrong}. The arguments are: {known}.") from error


def _complaint(problem: ErrorDetails) -> str:
    name = ".".join(map(str, problem["loc"]))
    said = _OWN_WORDS.get(problem["type"]) or problem["msg"].removeprefix("Value error, ")
    return f"{name}: {said[0].lower()}{said[1:]}" if name else said


class _Plain(GenerateJsonSchema):
    """Schemas without what tells a model nothing: titles that repeat names, and null as another way to leave out."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """No field has a title."""
        del schema
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """An optional field is one that may be left out."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Only a default that says something is shown."""
        shown = super().default_schema(schema)
        if not shown.get("default"):
            shown.pop("default", None)
        return shown


def schema_of(kind: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of some arguments or results, as short as it can be."""
    schema = kind.model_json_schema(by_alias=True, schema_generator=_Plain)
    for named in (schema, *schema.get("$defs", {}).values()):
        named.pop("title", None)
        named.pop("description", None)
    return schema
