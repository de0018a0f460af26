"""The options of a seller that `init` only shows: each commented, with its default."""

from __future__ import annotations

from studio_invoices.look import ACCENT

FOR_E_INVOICES = (
    '# postcode = ""',
    '# city = ""',
    '# contact_name = ""',
    '# contact_phone = ""',
    '# registration = ""    # HRB, SIREN, ...',
    '# registration_scheme = ""    # its ISO 6523 code',
    '# electronic_address = ""    # without it email',
    '# electronic_scheme = ""    # its EAS code: 9930 for a German VAT number',
    '# website = ""    # in the head of documents',
    "# legal_lines = []    # in their foot: managing directors, court, capital",
    "# notes = []    # below every invoice; in France the penalties for late payment and the indemnity of 40 €",
)
SIGNED = (
    '# ogrn = ""    # ОГРН or ОГРНИП',
    '# director = ""    # signs bills and acts; the client\'s own stands in his file',
    '# accountant = ""',
)
LOOK = (
    "#   [seller.look]    # how this seller's documents look; pictures are PNG or JPEG, fonts TrueType",
    f'#   accent = "{ACCENT}", logo = "logo.png", font = "…", font_bold = "…", fallback_fonts = ["…"]',
    '#   layout = "auto"    # the Russian forms for rubles from a seller in Russia; else "international", or "ru"',
    '#   stamp = "…", signature = "…", accountant_signature = "…"    # on Russian forms',
    '#   texts = { "payment.heading" = "How to pay" }    # wording of your own, keys as in labels/en.toml',
)
