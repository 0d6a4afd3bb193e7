"""numpy, pandas and torch values as data. Libraries that this process has not imported are not imported here."""

import base64
import sys
from typing import TYPE_CHECKING, Any

from autograder.kernel.refusal import Refused

if TYPE_CHECKING:
    from autograder.kernel.codec import Decoder, Encoded, Encoder

NUMERIC = "biufcSUmM"
TAGS = frozenset({
    "array", "objects", "scalar", "dtype", "generator", "random_state", "series", "frame", "index", "multiindex",
    "timestamp", "timedelta64", "missing", "tensor", "torch_dtype", "torch_size",
})  # fmt: skip


def encode(encoder: "Encoder", kind: type, value: Any, depth: int) -> "Encoded | None":
    """The encoding, or None if this is no value of these libraries."""
    for library, encode_one in (("numpy", _numpy), ("pandas", _pandas), ("torch", _torch)):
        if library in sys.modules and (found := encode_one(encoder, kind, value, depth)) is not None:
            return found
    return None


def _numpy(encoder: "Encoder", kind: type, value: Any, depth: int) -> "Encoded | None":
    np: Any = sys.modules["numpy"]
    if issubclass(kind, np.ndarray):
        return _array(encoder, np.ndarray.view(value, np.ndarray), depth)
    if issubclass(kind, np.generic) and kind.__module__ == "numpy" and value.dtype.kind in NUMERIC:
        return {"scalar": [value.dtype.str, base64.b64encode(value.tobytes()).decode()]}
    if issubclass(kind, np.dtype) and value.kind in NUMERIC:
        return {"dtype": value.str}
    if kind is np.random.Generator:
        return {"generator": encoder.encode(value.bit_generator.state, depth)}
    if kind is np.random.RandomState:
        return {"random_state": encoder.encode(value.get_state(legacy=False), depth)}
    return None


def _array(encoder: "Encoder", value: Any, depth: int) -> "Encoded":
    np: Any = sys.modules["numpy"]
    if value.dtype.kind == "O":
        return {"objects": [list(value.shape), [encoder.encode(item, depth) for item in value.ravel().tolist()]]}
    if value.dtype.kind not in NUMERIC:
        raise Refused(f"an array of {value.dtype}")
    encoder.weigh(value.nbytes)
    content = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
    return {"array": [value.dtype.str, list(value.shape), content]}


def _pandas(encoder: "Encoder", kind: type, value: Any, depth: int) -> "Encoded | None":
    pd: Any = sys.modules["pandas"]
    if issubclass(kind, pd.Series):
        return {"series": [*_column(encoder, value, depth), *encoder.all((value.index, value.name), depth)]}
    if issubclass(kind, pd.DataFrame):
        columns = [_column(encoder, value.iloc[:, place], depth) for place in range(value.shape[1])]
        return {"frame": [columns, *encoder.all((value.columns, value.index), depth)]}
    if issubclass(kind, pd.Index):
        return _index(encoder, kind, value, depth)
    if kind in (pd.Timestamp, pd.Timedelta):
        return {"timestamp" if kind is pd.Timestamp else "timedelta64": value.isoformat()}
    return {"missing": str(value)} if value is pd.NaT or value is pd.NA else None


def _index(encoder: "Encoder", kind: type, value: Any, depth: int) -> "Encoded":
    pd: Any = sys.modules["pandas"]
    if kind is pd.MultiIndex:
        return {"multiindex": encoder.all((value.tolist(), list(value.names)), depth)}
    if kind is pd.RangeIndex:
        return {"index": ["range", *encoder.all((range(value.start, value.stop, value.step), value.name), depth)]}
    return {"index": [*_column(encoder, value, depth), encoder.encode(value.name)]}


def _column(encoder: "Encoder", value: Any, depth: int) -> list["Encoded"]:
    """The type's name and the values: as an array where numpy has the type, else one by one."""
    np: Any = sys.modules["numpy"]
    if isinstance(value.dtype, np.dtype) and value.dtype.kind in NUMERIC:
        return [str(value.dtype), _array(encoder, value.to_numpy(), depth)]
    return [str(value.dtype), encoder.encode(value.tolist(), depth)]


def _torch(encoder: "Encoder", kind: type, value: Any, depth: int) -> "Encoded | None":
    torch: Any = sys.modules["torch"]
    if not hasattr(torch, "Tensor"):
        return None  # half imported, or a student's module of that name
    if issubclass(kind, torch.Tensor):
        plain = torch.Tensor.detach(value).cpu()
        name = str(plain.dtype).removeprefix("torch.")
        if plain.is_sparse or plain.is_quantized:
            raise Refused("a sparse or quantized tensor")
        bits = plain.contiguous().view(torch.int16) if name == "bfloat16" else plain.resolve_conj().resolve_neg()
        is_parameter = issubclass(kind, torch.nn.Parameter)
        return {"tensor": [name, _array(encoder, bits.numpy(), depth), bool(value.requires_grad), is_parameter]}
    if kind is torch.dtype:
        return {"torch_dtype": str(value).removeprefix("torch.")}
    if kind is torch.Size:
        return {"torch_size": [int(side) for side in value]}
    return None


def decode(decoder: "Decoder", tag: str, content: Any, depth: int) -> Any:
    """The value; raises ValueError for what is no encoding or needs a library that is not here."""
    library = "torch" if tag in ("tensor", "torch_dtype", "torch_size") else "numpy"
    if tag in ("series", "frame", "index", "multiindex", "timestamp", "timedelta64", "missing"):
        library = "pandas"
    if library not in sys.modules:
        raise ValueError(f"{library} is not imported here")
    return {"numpy": _to_numpy, "pandas": _to_pandas, "torch": _to_torch}[library](decoder, tag, content, depth)


def _to_numpy(decoder: "Decoder", tag: str, content: Any, depth: int) -> Any:
    np: Any = sys.modules["numpy"]
    if tag in ("objects", "generator", "random_state"):
        return _made_of_parts(np, decoder, tag, content, depth)
    dtype = np.dtype(content if tag == "dtype" else content[0])
    if dtype.kind not in NUMERIC:
        raise ValueError("not a type of numbers")
    if tag == "dtype":
        return dtype
    if tag == "scalar":
        return np.frombuffer(base64.b64decode(content[1]), dtype)[0]
    return np.frombuffer(base64.b64decode(content[2]), dtype).reshape([int(side) for side in content[1]]).copy()


def _made_of_parts(np: Any, decoder: "Decoder", tag: str, content: Any, depth: int) -> Any:
    if tag != "objects":
        return _generator(np, tag, decoder.decode(content, depth))
    shape, items = content
    array = np.empty(len(items), dtype=object)
    for place, item in enumerate(decoder.all(items, depth)):
        array[place] = item
    return array.reshape([int(side) for side in shape])


def _generator(np: Any, tag: str, state: Any) -> Any:
    if tag == "random_state":
        made = np.random.RandomState(0)
        made.set_state(state)
        return made
    name = state["bit_generator"]
    if name not in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"):
        raise ValueError("not a generator")
    bits = getattr(np.random, name)(0)
    bits.state = state
    return np.random.Generator(bits)


def _to_pandas(decoder: "Decoder", tag: str, content: Any, depth: int) -> Any:
    pd: Any = sys.modules["pandas"]
    if tag == "missing":
        return {"NaT": pd.NaT, "<NA>": pd.NA}[content]
    if tag in ("timestamp", "timedelta64"):
        return (pd.Timestamp if tag == "timestamp" else pd.Timedelta)(str(content)[:100])
    return {"series": _series, "frame": _frame, "index": _to_index, "multiindex": _to_index}[tag](
        pd, decoder, content, depth
    )


def _series(pd: Any, decoder: "Decoder", content: Any, depth: int) -> Any:
    dtype, values, index, name = content
    made = pd.Series(decoder.decode(values, depth), dtype=_dtype(pd, dtype), name=decoder.decode(name, depth))
    made.index = decoder.decode(index, depth)
    return made


def _frame(pd: Any, decoder: "Decoder", content: Any, depth: int) -> Any:
    columns, names, index = content
    rows = decoder.decode(index, depth)
    parts = [pd.Series(decoder.decode(values, depth), dtype=_dtype(pd, dtype)) for dtype, values in columns]
    frame = pd.concat(parts, axis=1) if parts else pd.DataFrame(index=range(len(rows)))
    frame.columns = decoder.decode(names, depth)
    frame.index = rows
    return frame


def _to_index(pd: Any, decoder: "Decoder", content: Any, depth: int) -> Any:
    *dtype, values, name = content
    items, called = decoder.decode(values, depth), decoder.decode(name, depth)
    if not dtype:
        return pd.MultiIndex.from_tuples(items, names=called)
    if dtype == ["range"]:
        return pd.RangeIndex(items.start, items.stop, items.step, name=called)
    return pd.Index(items, dtype=_dtype(pd, dtype[0]), name=called)


def _dtype(pd: Any, name: Any) -> Any:
    return pd.api.types.pandas_dtype(str(name)[:100])


def _to_torch(decoder: "Decoder", tag: str, content: Any, depth: int) -> Any:
    torch: Any = sys.modules["torch"]
    if tag == "torch_size":
        return torch.Size([int(side) for side in content])
    name = content if tag == "torch_dtype" else content[0]
    dtype = getattr(torch, str(name))
    if type(dtype) is not torch.dtype:
        raise ValueError("not a type of numbers")
    if tag == "torch_dtype":
        return dtype
    tensor = torch.from_numpy(decoder.decode(content[1], depth))
    tensor = tensor.view(torch.bfloat16) if name == "bfloat16" else tensor
    if content[3]:
        return torch.nn.Parameter(tensor, requires_grad=bool(content[2]))
    return tensor.requires_grad_(bool(content[2]))
