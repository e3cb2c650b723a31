"""Who may do what in PostgreSQL: a role that owns and writes the warehouse, a role that reads it.

Both roles have no password and no login of their own; logins are members of them. They are created where the login may
create roles; where it may not, and nobody else has created them, the login itself owns what it makes.
"""

from __future__ import annotations

import psycopg
from psycopg import sql as composing

from creator_tiers.warehouse.errors import WarehouseError
from creator_tiers.warehouse.postgres_session import Session

LOADER = "creator_tiers_loader"
ANALYST = "creator_tiers_analyst"

_IS_MEMBER = """
    SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)
        AND pg_has_role(session_user, (SELECT oid FROM pg_roles WHERE rolname = %s), 'MEMBER')
"""


def become_writer(session: Session) -> None:
    """Act as the role that owns the warehouse; a new one belongs to the loader role where there can be one.

    Raises:
        WarehouseError: the warehouse belongs to somebody of whom this login is no member.
    """
    found = session.ask(
        "SELECT pg_get_userbyid(nspowner), session_user FROM pg_namespace WHERE nspname = 'ops'"
    )
    if found:
        owner, login = found
        if owner != login and not _is_member(session, owner):
            raise WarehouseError(
                f"the warehouse belongs to the role {owner}, and {login} is no member of it; an administrator can "
                f"say: GRANT {owner} TO {login}"
            )
        _become(session, owner)
        return
    for role in (LOADER, ANALYST):
        _create(session, role)
    if not _is_member(session, LOADER):
        return
    _try(
        session,
        composing.SQL("GRANT CREATE ON DATABASE {} TO {}").format(
            composing.Identifier(session.driver.info.dbname), composing.Identifier(LOADER)
        ),
    )
    if session.ask("SELECT has_database_privilege(%s, current_database(), 'CREATE')", (LOADER,))[0]:
        _become(session, LOADER)


def become_reader(session: Session) -> None:
    """Act as the analyst role, where it exists and the login is a member."""
    if _is_member(session, ANALYST):
        _become(session, ANALYST)


def open_layer(session: Session, layer: str) -> None:
    """Create a schema if it is missing and let analysts read what is and will be in it; not `stage`."""
    name = composing.Identifier(layer)
    session.say(composing.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(name))
    if layer == "stage" or not session.ask("SELECT to_regrole(%s) IS NOT NULL", (ANALYST,))[0]:
        return
    analyst = composing.Identifier(ANALYST)
    for grant in (
        "GRANT USAGE ON SCHEMA {} TO {}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT SELECT ON TABLES TO {}",
    ):
        session.say(composing.SQL(grant).format(name, analyst))


def _is_member(session: Session, role: str) -> bool:
    return bool(session.ask(_IS_MEMBER, (role, role))[0])


def _become(session: Session, role: str) -> None:
    session.say(composing.SQL("SET ROLE {}").format(composing.Identifier(role)))


def _create(session: Session, role: str) -> None:
    """Create a role and be a member of it, if that is allowed; somebody else may have created it."""
    name = composing.Identifier(role)
    _try(session, composing.SQL("CREATE ROLE {} NOLOGIN").format(name))
    if not _is_member(session, role):
        _try(session, composing.SQL("GRANT {} TO SESSION_USER").format(name))


def _try(session: Session, statement: composing.Composed) -> None:
    allowed = (
        psycopg.errors.DuplicateObject,
        psycopg.errors.UniqueViolation,
        psycopg.errors.InsufficientPrivilege,
        psycopg.errors.UndefinedObject,
        psycopg.errors.InternalError_,
    )
    try:
        session.driver.execute(statement)
    except allowed:
        return
