"""studio-support.toml, read: sections that are asked for when they are used, secrets read from their places.

A command asks only for the sections that it uses; what is absent is a ConfigError then, naming the section.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from studio_invoices.look import PLAIN, Look
from studio_support.billing.terms import RateRow, Terms
from studio_support.config.agreements import BillingSection
from studio_support.config.freeze import rate_rows, rule_of, seller_of, tax_rows
from studio_support.config.look_table import look_of
from studio_support.config.people_file import load_people
from studio_support.config.reading import BadFile, check_table, config_error, parse, read_text
from studio_support.config.secrets import Secret, read_secret
from studio_support.config.sections import (
    LinksSection,
    MailSection,
    OtrsSection,
    RedmineSection,
    StoreSection,
    StudioSection,
    SyncSection,
)
from studio_support.config.settings_file import SettingsFile, faults_across, hold_too_short
from studio_support.errors import ConfigError

FILE_NAME = "studio-support.toml"
Section = TypeVar("Section")


class Settings:
    """The settings of one studio. file: absolute; every path in the file is relative to its folder."""

    def __init__(self, file: Path, content: SettingsFile) -> None:
        self.file = file
        self.content = content

    def __repr__(self) -> str:
        return f"Settings({str(self.file)!r})"

    @property
    def folder(self) -> Path:
        return self.file.parent

    @property
    def clients_folder(self) -> Path:
        """Where the clients' files lie: `clients` beside the settings."""
        return self.folder / "clients"

    @property
    def people_file(self) -> Path:
        """people.toml beside the settings; it need not exist."""
        return self.folder / "people.toml"

    def has(self, section: str) -> bool:
        """Whether the file has this section."""
        return getattr(self.content, section) is not None

    def _asked(self, name: str, section: Section | None) -> Section:
        if section is None:
            raise ConfigError(
                self.file, name, f"has no section [{name}]", f"Add [{name}]; `studio-support init` writes one to copy."
            )
        return section

    @property
    def studio(self) -> StudioSection:
        """[studio]; raises ConfigError where it is absent, like all that follow."""
        return self._asked("studio", self.content.studio)

    @property
    def redmine(self) -> RedmineSection:
        return self._asked("redmine", self.content.redmine)

    @property
    def otrs(self) -> OtrsSection:
        return self._asked("otrs", self.content.otrs)

    @property
    def sync(self) -> SyncSection:
        """[sync]; its keys are all optional, so an absent section means the defaults."""
        section = self.content.sync or SyncSection()
        fault = hold_too_short(section, self.content)
        if fault is not None:
            raise config_error(self.file, [fault])
        return section

    @property
    def store(self) -> StoreSection:
        return self._asked("store", self.content.store)

    @property
    def mail(self) -> MailSection:
        return self._asked("mail", self.content.mail)

    @property
    def links(self) -> LinksSection:
        return self._asked("links", self.content.links)

    @property
    def billing(self) -> BillingSection:
        return self._asked("billing", self.content.billing)

    def resolve(self, path: str) -> Path:
        """A path as written in the file, relative to the file's folder; ~ is the user's home."""
        return self.folder / Path(path).expanduser()

    def look(self, seller: str) -> Look:
        """How the documents of a seller look ([seller.look]); plain for one that is no longer in the file."""
        table = self.content.seller_tables().get(seller)
        return PLAIN if table is None else look_of(table.look, self.resolve)

    def looks(self) -> dict[str, Look]:
        """The looks of all sellers, by key."""
        return {key: self.look(key) for key in self.content.seller_tables()}

    @property
    def files_folder(self) -> Path:
        """Where originals and kept reads lie ([store] files)."""
        return self.resolve(self.store.files)

    @property
    def links_directory(self) -> Path:
        """Where published copies lie ([links] directory)."""
        return self.resolve(self.links.directory)

    @property
    def letters_folder(self) -> Path | None:
        """Where the studio's own templates of letters lie ([sync] templates), None where there are none."""
        return self.resolve(self.sync.templates) if self.sync.templates else None

    def _secret(self, key: str, variable: str | None, file: str | None, environ: Mapping[str, str]) -> Secret:
        return read_secret(
            self.file, key, variable=variable, file=self.resolve(file) if file else None, environ=environ
        )

    def redmine_api_key(self, environ: Mapping[str, str]) -> Secret:
        """Raises MissingSecret or ConfigError, like the others."""
        section = self.redmine
        return self._secret("redmine.api_key", section.api_key_env, section.api_key_file, environ)

    def otrs_password(self, environ: Mapping[str, str]) -> Secret:
        section = self.otrs
        return self._secret("otrs.password", section.password_env, section.password_file, environ)

    def mail_password(self, environ: Mapping[str, str]) -> Secret | None:
        """None where [mail] names no user: the server is then used without a login."""
        section = self.mail
        if section.user is None:
            return None
        return self._secret("mail.password", section.password_env, section.password_file, environ)

    def bounces_password(self, environ: Mapping[str, str]) -> Secret:
        section = self.mail
        variable, file = section.bounces_password_env, section.bounces_password_file
        return self._secret("mail.bounces_password", variable, file, environ)

    @property
    def mail_templates(self) -> Path | None:
        """Where the studio's own templates of mail lie ([mail] templates), None where there are none."""
        return self.resolve(self.mail.templates) if self.mail.templates else None

    def link_secret(self, environ: Mapping[str, str]) -> Secret:
        section = self.links
        return self._secret("links.secret", section.secret_env, section.secret_file, environ)

    def store_url(self, environ: Mapping[str, str]) -> Secret:
        """The address of the store; a relative SQLite path is made absolute. Secret: it may hold a password."""
        section = self.store
        url = section.url
        if url is None:
            url = self._secret("store.url", section.url_env, section.url_file, environ).reveal()
        scheme, mark, path = url.partition(":///")
        if mark and scheme.startswith("sqlite") and path and path != ":memory:":
            url = f"{scheme}:///{self.resolve(path)}"
        return Secret(url)

    def price_lists(self) -> dict[str, tuple[RateRow, ...]]:
        """[[price_lists.NAME]] by name."""
        lists = self.content.price_lists
        return {name: rate_rows(rows, f"{self.file.name}: price_lists.{name}") for name, rows in lists.items()}

    def terms(self) -> Terms:
        """The studio's rules for a month end, with the aliases of people.toml if there is one.

        Raises ConfigError where [studio], a seller, [billing], or a key of theirs that billing needs is absent.
        """
        studio, billing = self.studio, self.billing
        language = self._needed("studio.language", studio.language, 'Add language = "ru" to [studio].')
        currency = self._needed("studio.currency", studio.currency, 'Add currency = "RUB" to [studio].')
        tables = self.content.seller_tables()
        if not tables:
            self._asked("seller", self.content.seller)
        return Terms(
            timezone=studio.timezone,
            language=language,
            currency=currency,
            sellers={key: seller_of(key, table, billing) for key, table in tables.items()},
            tax=tax_rows(billing.tax, f"{self.file.name}: billing.tax"),
            rules=tuple(rule_of(rule) for rule in billing.rule),
            non_billable_activities=billing.non_billable_activities,
            internal_projects=billing.internal_projects,
            first_month=billing.first_month,
            max_hours_per_entry=billing.max_hours_per_entry,
            ticket_field=self.content.redmine.ticket_field if self.content.redmine else "",
            people_aliases=load_people(self.people_file).aliases() if self.people_file.exists() else {},
        )

    def _needed(self, key: str, value: Section | None, right: str) -> Section:
        if value is None:
            raise ConfigError(self.file, key, "is missing", right)
        return value


def load_settings(path: Path) -> Settings:
    """Reads studio-support.toml; raises ConfigError with the first fault, all others in its `more`."""
    try:
        text = read_text(path)
    except BadFile as bad:
        raise config_error(path, bad.faults) from None
    return Settings(path.absolute(), check_settings(path, text))


def check_settings(path: Path, text: str) -> SettingsFile:
    """The text of a file of settings, which need not be written yet; raises ConfigError like load_settings."""
    try:
        content = check_table(SettingsFile, parse(text), text)
        if faults := faults_across(content, text):
            raise BadFile(faults, {}, text)
    except BadFile as bad:
        raise config_error(path, bad.faults) from None
    return content


def find_config(explicit: Path | None, cwd: Path, user_config_dir: Path) -> Path:
    """The file to use: the one asked for, else in the working directory, else in the user's config directory.

    Raises ConfigError where there is none.
    """
    if explicit is not None:
        return explicit
    places = (cwd / FILE_NAME, user_config_dir / FILE_NAME)
    for place in places:
        if place.is_file():
            return place
    raise ConfigError(
        FILE_NAME,
        "",
        f"is neither in {cwd} nor in {user_config_dir}",
        "Make one with `studio-support init`, or name it with --config PATH.",
    )
