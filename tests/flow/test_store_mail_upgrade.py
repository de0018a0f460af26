"""A store with letters from before mail came back: every letter is there after the upgrade, and may bounce."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.command import upgrade as upgrade_to

from studio_support.store import upgrade
from studio_support.store.versions import HEAD

OLD = """
INSERT INTO series (id, seller, kind, year, first_number, next_number) VALUES (1, '', 'invoice', 2026, 1, 2);
INSERT INTO invoices (id, number, series_id, series_number, seller, kind, client, month, currency, issue_date, minutes,
    booked_minutes, net, tax, gross, snapshot, basis, plan_hash, issued_at, issued_by, state)
VALUES (1, '2026-0001', 1, 1, '', 'invoice', 'acme', '2026-10', 'EUR', '2026-11-02', 60, 60, '95.00', '0.00', '95.00',
    '{}', '{}', '', '2026-11-02T08:00:00.000000Z', 'anna', 'issued');
INSERT INTO outbox (id, invoice_id, kind, state, queued_at)
VALUES (1, 1, 'invoice', 'addressed', '2026-11-02T08:00:00.000000Z');
INSERT INTO letters (id, outbox_id, recipient, message_id, state, attempts, detail, changed_at)
VALUES (7, 1, 'a@acme.example', '<7@studio.example>', 'uncertain', 2, 'cut', '2026-11-02T08:30:00.000000Z');
"""


def test_letters_survive_the_upgrade_that_lets_them_bounce(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.db"
    with monkeypatch.context() as past:
        past.setattr(upgrade, "HEAD", "0002")
        past.setattr(upgrade.command, "upgrade", lambda config, _: upgrade_to(config, "0002"))
        upgrade.upgrade(f"sqlite:///{path}")
    with sqlite3.connect(path) as database:
        database.executescript(OLD)
        with pytest.raises(sqlite3.IntegrityError):
            database.execute("UPDATE letters SET state = 'bounced'")
    database.close()

    assert upgrade.upgrade(f"sqlite:///{path}") == ("0002", HEAD)

    with sqlite3.connect(path) as database:
        database.execute("UPDATE letters SET state = 'bounced'")
        columns = (
            "id, outbox_id, recipient, message_id, state, attempts, detail, changed_at, deferrals, next_attempt_at"
        )
        rows = database.execute(f"SELECT {columns} FROM letters").fetchall()
        left = database.execute("SELECT name FROM sqlite_master WHERE name LIKE 'letters_0%'").fetchall()
        broken = database.execute("PRAGMA foreign_key_check").fetchall()
    database.close()
    expected = (
        7,
        1,
        "a@acme.example",
        "<7@studio.example>",
        "bounced",
        2,
        "cut",
        "2026-11-02T08:30:00.000000Z",
        0,
        None,
    )
    assert (rows, left, broken) == ([expected], [], [])
