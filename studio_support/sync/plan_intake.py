"""Requests: when a round begins, what is promised, how the client hears of it, and what is no request at all.

A round begins with a ticket's first request, and with every request that comes to a closed ticket. A machine's answer
or a bare thank-you begins none; if it has opened a closed ticket again, the ticket is closed again.
"""

from __future__ import annotations

from studio_support.errors import StudioError
from studio_support.otrs.mapping import arrival_of
from studio_support.otrs.model import Arrival, Article
from studio_support.sync.actions import Acknowledge, AskInWriting, CloseTicket, Promise, Recognise
from studio_support.sync.letter_facts import LetterFacts
from studio_support.sync.model import Intent, Promised
from studio_support.sync.talk import (
    Said,
    answered_by_hand,
    at_of,
    by_voice,
    customer_articles,
    is_critical,
    opening,
    recipient,
)
from studio_support.sync.world import Desk

_SET_ASIDE = {
    "auto": "an automatic answer",
    "bounce": "a bounce",
    "list": "a letter of a mailing list",
    "thanks": "a bare thank-you",
}


def intake(desk: Desk) -> tuple[Said, ...]:
    """Plans what the client's letters ask for; gives everything that the client said."""
    said = customer_articles(desk.ticket, desk.rules)
    new = tuple(one for one in said if one.article.id > desk.known.last_article)
    first_round = desk.known.round == 0
    # A ticket that begins with thanks is a request that happens to begin politely.
    wanted = ("request", "thanks") if first_round else ("request",)
    requests = [one for one in new if one.kind in wanted]
    begins = desk.known.adopted if first_round else desk.known.closed
    begins = begins or (first_round and desk.known.closed and desk.before is not None)
    if requests and begins:
        if not _promise(desk, requests[0].article, said):
            return said
    elif new and not requests:
        _set_aside(desk, new[-1])
    _close_again(desk, said, new)
    if new:
        desk.remember(last_article=max(one.article.id for one in new))
    if desk.known.adopted:
        _acknowledge(desk)
    return said


def facts_of(desk: Desk, **more: object) -> LetterFacts:
    """What letters about the ticket's present round may say."""
    row, first = desk.promised, opening(desk.ticket)
    zone = row.due_local.tzinfo if row else None
    values: dict[str, object] = {
        "number": desk.ticket.number,
        "title": desk.ticket.title,
        "client": desk.client.name if desk.client else "",
        "received_at": row.received_at.astimezone(zone) if row else None,
        "promised_at": row.due_local if row else None,
        "now": desk.world.now.astimezone(zone) if row else None,
        "channel": first.channel if first else "email",
        "issues": tuple(link.issue_id for link in desk.links),
    }
    return LetterFacts(**{**values, **more})  # type: ignore[arg-type]  # names and kinds are those of LetterFacts


def article_of_round(desk: Desk) -> Article | None:
    """The article that began the present round."""
    wanted = desk.promised.article_id if desk.promised else 0
    return next((one for one in desk.ticket.articles if one.id == wanted), None) or opening(desk.ticket)


def _promise(desk: Desk, article: Article, said: tuple[Said, ...]) -> bool:
    round_ = desk.known.round + 1
    earliest = min(one.article.id for one in said)
    if article.id == earliest:
        arrival = arrival_of(desk.ticket)
        called_at = desk.world.called.get(desk.ticket.id)
        if arrival.by == "created" and called_at is not None:
            arrival = Arrival(min(called_at, arrival.at), "created", "`ticket new` was told of the call at this time")
    else:
        arrival = Arrival(at_of(article), "incoming", "the server took this later letter in at this time")
    critical = is_critical(desk.ticket, desk.rules)
    client = desk.client.id if desk.client else None
    try:
        due = desk.office.makers.promise(arrival.at, client, critical=critical)
    except StudioError as error:
        desk.warn("promise", f"nothing can be promised: {error}", "Mend what is named; the promise is made then.")
        return False
    ticket = desk.ticket
    desk.add(
        Promise(ticket.id, ticket.number, round_, article.id, due, arrival.reason, client, critical, desk.known.adopted)
    )
    desk.promised = Promised(ticket.id, round_, article.id, due.received_at, due.due_at, due.due_local)
    desk.remember(round=round_, closed=False)
    if desk.client is None and desk.known.adopted:
        whose = f"the customer {ticket.customer!r}" if ticket.customer else "a sender without a customer"
        desk.warn(
            "client",
            f"it is from {whose}, whom no client lists",
            "Add it to otrs_customers in the client's file, or set the ticket's customer.",
            lasting=False,
        )
    return True


def _acknowledge(desk: Desk) -> None:
    row = desk.promised
    if row is None or row.acknowledged_at is not None:
        return
    article = article_of_round(desk)
    answer = answered_by_hand(desk.ticket, row.article_id, desk.world.cursor.agent_id)
    # An answer given before the round began belongs to the one before.
    if answer is not None:
        desk.add(
            Recognise(
                desk.ticket.id, desk.ticket.number, row.round, "acknowledged", at_of(answer), f"article {answer.id}"
            )
        )
        return
    told = next((one for kind in ("received", "in_writing") if (one := _told(desk, kind, row.round))), None)
    if told is not None:
        # a letter that the store learnt of later than of its promise: it was put back from a backup
        desk.add(Recognise(desk.ticket.id, desk.ticket.number, row.round, "acknowledged", told.at, "letter"))
        return
    if desk.ticket.closed or article is None:
        return
    to = recipient(desk.ticket, article)
    if by_voice(article) and desk.ticket.id not in desk.world.split:
        desk.letter(AskInWriting, "in_writing", row.round, to, facts_of(desk))
    else:
        desk.letter(Acknowledge, "received", row.round, to, facts_of(desk))


def _told(desk: Desk, kind: str, round_: int) -> Intent | None:
    """The letter of a kind that the client has, by mail and not as a note of ours."""
    intent = desk.intent(desk.key(kind, round_))
    return intent if intent is not None and (intent.state, intent.mode) == ("done", "send") else None


def _set_aside(desk: Desk, newest: Said) -> None:
    """Names what is no request; a bounce may mean that a letter of ours did not arrive."""
    if newest.kind == "bounce":
        desk.warn(
            f"bounce-{newest.article.id}",
            f"a letter came back: {newest.article.subject[:80]}",
            "Check the client's address.",
            lasting=False,
        )
    elif desk.known.round == 0 and desk.known.adopted:
        desk.warn(
            "aside",
            f"it is {_SET_ASIDE.get(newest.kind, newest.kind)}: nothing is promised and nobody is written to",
            "Nothing needs to be done; if a person wrote it, answer by hand.",
            lasting=False,
        )


def _close_again(desk: Desk, said: tuple[Said, ...], new: tuple[Said, ...]) -> None:
    """Closes a ticket again that nothing but a machine or a thank-you has opened."""
    if not said or said[-1].kind == "request" or desk.ticket.closed or not desk.known.adopted:
        return
    newest = said[-1]
    key = desk.key("close_again", newest.article.id)
    opened = desk.known.closed and bool(new) and all(one.kind != "request" for one in new)
    if not opened and desk.intent(key) is None:
        return
    free, look = desk.free(key)
    desk.closing = desk.closing or not desk.done(key)
    if free:
        why = f"what came was {_SET_ASIDE[newest.kind]}"
        desk.write(
            CloseTicket(
                key, desk.ticket.number, look, (), desk.ticket.changed_at, state=desk.rules.closed_state, why=why
            )
        )
