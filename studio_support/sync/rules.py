"""The settings of studio-support.toml as the rules of the bridge."""

from __future__ import annotations

from typing import Literal

from studio_support.config.sections import ToRedmine
from studio_support.config.settings import Settings
from studio_support.sync.model import FieldNames, Rules
from studio_support.tickets.number import NumberPolicy

_ZOOM = "/index.pl?Action=AgentTicketZoom;TicketID={id}"


def rules_of(settings: Settings) -> Rules:
    """Raises ConfigError where [studio], [redmine] or [otrs] is absent, or the hold is too short."""
    otrs, redmine, sync = settings.otrs, settings.redmine, settings.sync
    fields = otrs.fields
    return Rules(
        queues=otrs.queues,
        language=settings.studio.language or "en",
        trigger=trigger_of(sync.to_redmine),
        numbers=NumberPolicy(otrs.system_id, otrs.hook, otrs.generators),
        fields=FieldNames(
            estimate=fields.estimate,
            agreed=fields.agreed,
            urgency=fields.urgency,
            issue=fields.issue,
            auto=fields.auto,
            project=fields.project,
        ),
        required=sync.required,
        assignees=sync.assignees,
        done_statuses=redmine.done_statuses,
        refused_statuses=redmine.refused_statuses,
        client_note_field=redmine.client_note_field,
        letters=sync.letters,
        letters_by_kind=sync.letters_by_kind,
        hold_seconds=sync.hold_seconds,
        max_letters=sync.max_letters,
        max_closings=sync.max_closings,
        letters_a_day=sync.letters_a_day,
        letters_a_day_to_one=sync.letters_a_day_to_one,
        closed_state=sync.closed_state,
        critical=sync.critical,
        markup=redmine.text_formatting,
        ticket_url=otrs.url.rstrip("/") + _ZOOM,
    )


def trigger_of(to_redmine: ToRedmine) -> tuple[Literal["queue", "state", "field"], str]:
    """What makes a ticket an issue, and the value that it must have."""
    if to_redmine.queue is not None:
        return "queue", to_redmine.queue
    if to_redmine.state is not None:
        return "state", to_redmine.state
    return "field", to_redmine.field or ""
