"""The receipt: who handed in which bytes when, signed so that anybody can check it later (Ed25519)."""

import base64
import hashlib
import json
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

PURPOSE = b"gradus receipt key v1:"


def signed(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts, plain JSON, with our signature under `signature`."""
    return {**facts, "signature": base64.b64encode(_key().sign(_canonical(facts))).decode()}


def verified_facts(text: str) -> dict[str, Any] | None:
    """The facts of a receipt that we signed and nobody changed; None for anything else."""
    try:
        receipt = json.loads(text, object_pairs_hook=_no_key_twice)
        signature = base64.b64decode(receipt.pop("signature"), validate=True)
        _key().public_key().verify(signature, _canonical(receipt))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, InvalidSignature):
        return None
    return dict(receipt)


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A second `factor` behind the first would show people one value and us another."""
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _canonical(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _key() -> Ed25519PrivateKey:
    """Derived from SECRET_KEY, so that it needs no file of its own."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(PURPOSE + settings.SECRET_KEY.encode()).digest())


def utc(instant: datetime) -> str:
    """ISO 8601, to the second."""
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")
