"""What a store's exception means, in words for whoever has to mend it. No credential is ever in them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from creator_tiers.errors import ContractError, TransientError
from creator_tiers.stores.store import StoreDownError, StoreRefusedError

log = logging.getLogger(__name__)

_NO_BUCKET = ("NoSuchBucket", "InvalidBucketName")
_MOMENTARY = ("SlowDown", "RequestTimeout", "RequestTimeTooSkewed", "ServiceUnavailable", "InternalError")
_NO_CREDENTIALS = (
    "NoCredentialsError",
    "PartialCredentialsError",
    "ProfileNotFound",
    "CredentialRetrievalError",
    "TokenRetrievalError",
)
_SETTINGS = ("ParamValidationError", "InvalidEndpoint", "UnknownEndpointError", "InvalidRegionError")


@contextmanager
def told(where: str, credentials: str) -> Iterator[None]:
    """Turn what the store's library raises into StoreDownError or StoreRefusedError; a missing object stays one.

    Args:
        where: the store's URL.
        credentials: where its credentials are from, as words.
    """
    try:
        yield
    except (TransientError, ContractError):
        raise
    except Exception as error:
        if isinstance(error, FileNotFoundError) and code_of(error) not in _NO_BUCKET:
            raise
        log.debug("%s: %s", where, type(error).__name__)
        raise _meaning(error, where, credentials) from None


def code_of(error: BaseException) -> str:
    """The store's own code of a refusal, such as `AccessDenied`; empty where it gave none."""
    return str(_response(error).get("Error", {}).get("Code", ""))


def _response(error: BaseException) -> dict[str, Any]:
    for one in (error, error.__cause__):
        found = getattr(one, "response", None)
        if isinstance(found, dict):
            return found
    return {}


def _meaning(error: Exception, where: str, credentials: str) -> Exception:
    code, kind = code_of(error), type(error).__name__
    status = _response(error).get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _NO_BUCKET:
        return StoreRefusedError(f"{where}: there is no such bucket ({code}); create it, or correct the URL")
    if code in _MOMENTARY or status >= 500:
        return StoreDownError(f"{where} does not serve now ({code or status}); try again later")
    if isinstance(error, PermissionError):
        return StoreRefusedError(
            f"{where} refuses access ({code or status or kind}) with the credentials of {credentials}; correct them, "
            "or allow them to list, read, write and delete there"
        )
    if kind in _NO_CREDENTIALS:
        return StoreRefusedError(
            f"{where}: no credentials ({kind}) in {credentials}; give the Airflow connection a login and a password, "
            "or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
        )
    if kind in _SETTINGS or isinstance(error, ValueError):
        return StoreRefusedError(
            f"{where} cannot be used as a store ({kind}); check its URL, endpoint and region"
        )
    if code:
        return StoreRefusedError(f"{where} refuses the request ({code}, {status})")
    return StoreDownError(
        f"{where} cannot be reached{_endpoint(error)} ({kind}); check network and endpoint, then try again"
    )


def _endpoint(error: Exception) -> str:
    """Where the store was looked for, without what follows the host: ` at http://127.0.0.1:9000`."""
    found = urlsplit(str(getattr(error, "kwargs", {}).get("endpoint_url") or ""))
    host = found.netloc.rpartition("@")[2]
    return f" at {found.scheme}://{host}" if host else ""
