"""YAML as course files use it: no floats, no surprises ("no" and 10:00 are texts), no aliases, no key twice."""

import re
from decimal import Decimal
from typing import Any

import yaml


class YamlError(ValueError):
    """The text is no such YAML; the message names the line."""


class _Loader(yaml.SafeLoader):
    """Numbers are int or Decimal, true and false are the only booleans, everything else is text."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  the library's own way

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            line = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]
            raise YamlError(f"Line {line}: aliases (*name) are not read.")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  as inherited
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str) or key in seen:
                raise YamlError(f"Line {key_node.start_mark.line + 1}: the key “{key}” stands twice or is no text.")
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


class _Dumper(yaml.SafeDumper):
    """Writes what _Loader reads: quotes a text only where it would be read as something else."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  the library's own way

    def ignore_aliases(self, data: object) -> bool:
        """One value at two places is written twice: the reader takes no aliases."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002  as inherited
        super().increase_indent(flow, False)


NUMBER = re.compile(r"-?\d+\.\d+\Z")
for kind in (_Loader, _Dumper):
    kind.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:~|null|)\Z"), ["~", "n", ""])
    kind.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)\Z"), list("tf"))
    kind.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"-?(?:0|[1-9]\d*)\Z"), list("-0123456789"))
    kind.add_implicit_resolver("!decimal", NUMBER, list("-0123456789"))


def _decimal(loader: yaml.SafeLoader, node: Any) -> Decimal:
    text = loader.construct_scalar(node)
    if not NUMBER.match(text):
        raise YamlError(f"“{text[:40]}” is no number.")
    return Decimal(text)


def _write_decimal(dumper: yaml.SafeDumper, number: Decimal) -> Any:
    if number == number.to_integral_value():
        return dumper.represent_int(int(number))
    return dumper.represent_scalar("!decimal", format(number.normalize(), "f"))


def _write_text(dumper: yaml.SafeDumper, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Loader.add_constructor("!decimal", _decimal)
_Dumper.add_representer(Decimal, _write_decimal)
_Dumper.add_representer(str, _write_text)


def read_yaml(text: str) -> Any:
    """The document as dict, list, str, int, Decimal, bool and None. Raises YamlError."""
    try:
        return yaml.load(text, _Loader)  # noqa: S506  a SafeLoader
    except YamlError:
        raise
    except (ValueError, ArithmeticError) as error:
        raise YamlError(f"A value cannot be read: {error}."[:300]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"Line {mark.line + 1}: " if mark else ""
        raise YamlError(f"{where}{getattr(error, 'problem', None) or 'this is no YAML'}.") from error
    except RecursionError as error:
        raise YamlError("This is nested too deeply to be a course.") from error


def write_yaml(content: Any) -> str:
    """The canonical text of such a document."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
