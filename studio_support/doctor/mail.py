"""Checks of mail: server, login and a test letter; templates; who may send for the sender's domain (SPF, DMARC).

SPF: RFC 7208 (one record, 4.5). DMARC: RFC 7489 (6.6.3: the domain's own record, else the organisation's). Without
either, large providers put invoices among the spam or refuse them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from email.utils import make_msgid
from typing import TYPE_CHECKING

from studio_support.counting import counted
from studio_support.doctor.check import Check, failed, from_error, ok, skipped, warning
from studio_support.doctor.names import NoNameServer, text_records

if TYPE_CHECKING:
    from studio_support.delivery.mail import Mailer
    from studio_support.studio import Studio

Lookup = Callable[[str], tuple[str, ...]]
# RFC 2606 and 6761: nobody can publish anything there
_RESERVED = re.compile(r"(.+\.)?(example|test|invalid|localhost|local|example\.(com|net|org))")


def check_mail(studio: Studio, mail_to: str | None) -> Iterator[Check]:
    """Connection, encryption and login; a test letter if an address is given."""
    config = studio.config
    if not config.has("mail"):
        yield skipped("mail", "mail", "`bill send`")
        return
    from studio_support.sending import billing_queue, mailer_of

    mail = config.mail
    if mail.via == "otrs":
        from studio_support.bridge import Bridge

        queue = billing_queue(studio)
        Bridge(studio).tickets.me()
        yield ok("mail", f"leaves as articles of tickets in the queue {queue} of OTRS")
        if mail_to is not None:
            step = "Answer a ticket of your own by hand: a test letter would make a ticket."
            yield Check("test letter", "skipped", "not sent: letters leave through OTRS", step)
        return
    with mailer_of(studio) as mailer:
        mailer.open()
        login = f" and takes the login of {mail.user}" if mail.user else ""
        yield ok("mail", f"{mail.smtp_url} answers{login}")
        if mail.divert_to:
            step = "Take divert_to out of [mail] when clients are to get their letters."
            yield warning("mail diversion", f"every letter goes to {mail.divert_to} instead", step)
        if mail_to is not None:
            yield _test_letter(studio, mailer, mail_to)


def _test_letter(studio: Studio, mailer: Mailer, mail_to: str) -> Check:
    from studio_support.delivery.letter import Letter, Message, usable_address
    from studio_support.delivery.outcomes import Accepted

    name = "test letter"
    wrong = usable_address(mail_to)
    if wrong is not None:
        return failed(name, f"{mail_to} {wrong}", "Give a whole address: --mail-to name@domain.example.")
    text = f"studio-support can send mail by {studio.config.mail.smtp_url}. Nothing else was sent."
    message = Message("studio-support: test letter", text + "\n", f"<p>{text}</p>")
    domain = studio.config.mail.sender.rpartition("@")[2]
    letter = Letter(mail_to, make_msgid(domain=domain), studio.clock(), message)
    outcome = mailer.send(letter)
    if isinstance(outcome, Accepted):
        return ok(name, f"the server took it for {mail_to}: {outcome.detail}")
    return failed(name, f"{mail_to}: {outcome.detail}", "Look at the mail server's log, then try again.")


def check_templates(studio: Studio) -> Iterator[Check]:
    """The studio's own templates of letters, each written with sample facts."""
    if not studio.config.has("mail") or studio.config.mail_templates is None:
        return
    from studio_support.delivery.message import Messages

    faults = Messages(studio.config.mail_templates).check()
    for fault in faults:
        yield from_error("letters", fault)
    if not faults:
        yield ok("letters", f"those of {studio.config.mail_templates} can be written")


def check_returns(studio: Studio) -> Iterator[Check]:
    """Whether the mailbox of returned mail can be read."""
    if not studio.config.has("mail"):
        return
    mail = studio.config.mail
    if not (mail.bounces_maildir or mail.bounces_imap):
        step = "Name bounces_maildir or bounces_imap in [mail], and let cron run `bill bounces`."
        yield Check("returned mail", "skipped", "no mailbox is named: nobody looks whether letters come back", step)
        return
    from studio_support.dunning import mailbox_of

    mailbox = mailbox_of(studio)
    seen, _ = mailbox.read("", studio.clock())
    yield ok("returned mail", f"{mailbox.name} can be read: {counted(len(seen), 'report')} within 60 days")


def check_sender(studio: Studio, lookup: Lookup = text_records) -> Iterator[Check]:
    """Whether the sender's domain says who may send for it. lookup: TXT records of a name; raises NoNameServer."""
    if not studio.config.has("mail"):
        return
    from studio_support.delivery.letter import envelope_address

    domain = envelope_address(studio.config.mail.sender).rpartition("@")[2].lower()
    if _RESERVED.fullmatch(domain):
        yield Check("sender's domain", "skipped", f"not checked: {domain} is a name that nobody can publish for")
        return
    for name, look in (("SPF", _spf), ("DMARC", _dmarc)):
        try:
            yield look(domain, lookup)
        except NoNameServer as error:
            step = "Run `doctor` where names are answered."
            yield Check(name, "skipped", f"not checked: no name server answered for {domain} ({error})", step)


def _spf(domain: str, lookup: Lookup) -> Check:
    found = [text for text in lookup(domain) if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]
    if not found:
        step = f'Publish a TXT record for {domain} that names your mail server, like "v=spf1 mx -all".'
        return warning("SPF", f"{domain} does not say who may send for it", step)
    if len(found) > 1:
        return failed("SPF", f"{domain} has {len(found)} records, so none counts", "Make one record of them.")
    if re.search(r"(?:^| )\+?all( |$)", found[0], re.IGNORECASE):
        step = 'End the record with "-all" or "~all", after the servers that may send.'
        return warning("SPF", f"{domain} lets anybody send for it: {found[0]}", step)
    return ok("SPF", f"{domain}: {found[0]}")


def _dmarc(domain: str, lookup: Lookup) -> Check:
    labels = domain.split(".")
    for start in range(max(len(labels) - 1, 1)):
        name = ".".join(labels[start:])
        found = [text for text in lookup(f"_dmarc.{name}") if re.match(r"v=DMARC1\s*(;|$)", text, re.IGNORECASE)]
        if len(found) > 1:
            return failed("DMARC", f"{name} has {len(found)} records, so none counts", "Keep one of them.")
        if found:
            return ok("DMARC", f"{name}: {found[0]}")
    step = f'Publish a TXT record for _dmarc.{domain}, like "v=DMARC1; p=none; rua=mailto:postmaster@{domain}".'
    return warning("DMARC", f"{domain} does not say what is to be done with forged letters", step)
