"""Factur-X as a PDF file: what a reader of archives and a reader of invoices look for, found by other programs."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import subprocess
import sys
import xml.etree.ElementTree as Tree
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import facturx
import page
import pytest
from lxml import etree
from PIL import Image, ImageCms
from pypdf import PdfReader

from studio_invoices.codec import invoice_to_dict
from studio_invoices.einvoice import render_facturx, to_xml, validate
from studio_invoices.look import Look
from studio_invoices.model import Act, Invoice
from studio_invoices.pdf import draw, render_pdf
from studio_invoices.pdf.archive import Archive, Attachment
from studio_invoices.pdf.icc import srgb_profile
from studio_invoices.pdf.xmp import packet
from studio_support.testing.document_words import LANGUAGES
from studio_support.testing.documents import sample_credit, sample_invoice, sample_mixed, sample_russian

Make = Callable[..., Invoice]


def catalog_of(pdf: bytes) -> Any:
    return PdfReader(io.BytesIO(pdf)).trailer["/Root"]


def faults(pdf: bytes) -> list[str]:
    return [f"{fault.rule_id}: {fault.message}" for fault in page.validate_pdf_bytes(pdf, profile="3u").failures]


def test_the_xml_is_an_alternative_of_the_pages(invoice_of: Make) -> None:
    """In the name tree and in /AF, once in each, under the name that receivers look for; byte for byte the CII."""
    invoice = invoice_of([{"minutes": 20}] * 3)
    root = catalog_of(render_facturx(invoice))
    names = root["/Names"]["/EmbeddedFiles"]["/Names"]
    assert [str(names[0]), len(names), len(root["/AF"])] == ["factur-x.xml", 2, 1]
    file = names[1].get_object()
    assert file == root["/AF"][0].get_object()
    assert (file["/AFRelationship"], file["/UF"]) == ("/Alternative", "factur-x.xml")
    stream = file["/EF"]["/F"].get_object()
    assert stream["/Subtype"] == "/text/xml"
    assert stream.get_data() == to_xml(invoice, "cii", "facturx")
    assert stream["/Params"]["/Size"] == len(stream.get_data())


def test_a_library_for_factur_x_finds_the_invoice(invoice_of: Make) -> None:
    """facturx takes it out and checks it against the schema of its own choice."""
    invoice = invoice_of()
    name, xml = facturx.get_facturx_xml_from_pdf(io.BytesIO(render_facturx(invoice)), check_xsd=True)
    assert (name, xml) == ("factur-x.xml", to_xml(invoice, "cii", "facturx"))
    assert facturx.get_level(etree.fromstring(xml)) == "en16931"


def test_metadata_lie_open_and_say_what_the_file_is(invoice_of: Make) -> None:
    """XMP is not compressed, so that archives can search for it; it agrees with the document's information."""
    pdf = render_facturx(invoice_of())
    metadata = catalog_of(pdf)["/Metadata"]
    assert "/Filter" not in metadata
    assert metadata.get_data() in pdf
    found = {element.tag.rpartition("}")[2]: element.text for element in Tree.fromstring(metadata.get_data()).iter()}  # noqa: S314  # our own
    wanted = {
        "part": "3",
        "conformance": "U",
        "DocumentFileName": "factur-x.xml",
        "DocumentType": "INVOICE",
        "Version": "1.0",
        "ConformanceLevel": "EN 16931",
        "CreateDate": "2026-11-30T00:00:00Z",
        "namespaceURI": "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#",
    }
    assert {key: found[key] for key in wanted} == wanted
    information = PdfReader(io.BytesIO(pdf)).metadata
    assert information is not None
    assert information.title in metadata.get_data().decode()


def test_colours_are_declared_as_srgb() -> None:
    """A profile of 520 bytes, the same everywhere, that a colour engine takes for sRGB: colours stay as they are."""
    profile = srgb_profile()
    assert (len(profile), profile is srgb_profile()) == (520, True)
    ours, theirs = ImageCms.getOpenProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    image = Image.new("RGB", (3, 1))
    colours = [(0, 0, 0), (255, 255, 255), (11, 88, 116)]
    for x, colour in enumerate(colours):
        image.putpixel((x, 0), colour)
    turned = ImageCms.applyTransform(image, ImageCms.buildTransform(ours, theirs, "RGB", "RGB"))
    assert turned is not None
    assert [turned.getpixel((x, 0)) for x in range(3)] == colours


def test_an_ordinary_pdf_claims_nothing(invoice_of: Make) -> None:
    """Without an archive there is no XMP, and the validator says so: it can fail."""
    pdf = render_pdf(invoice_of())
    assert "/Metadata" not in catalog_of(pdf)
    assert faults(pdf)


@pytest.mark.parametrize("language", ["en", "de", "ru"])
@pytest.mark.parametrize("count", [1, 40])
def test_long_and_short_documents_pass_in_every_language(invoice_of: Make, language: str, count: int) -> None:
    """Several pages, bookmarks and both alphabets; a draft's watermark too."""
    invoice = invoice_of([{"title": "Größe и ёлка"}] * count, language=language)
    assert faults(render_facturx(invoice)) == []
    assert faults(render_facturx(replace(invoice, number=None))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_sample_documents_pass_in_every_language(language: str) -> None:
    """As PDF/A and, in the XML inside, by schema and rules: invoice, credit note, all that a table can hold."""
    for document in (sample_invoice(language), sample_credit(language), sample_mixed(language)):
        assert faults(render_facturx(document)) == []
        assert validate(to_xml(document, "cii", "facturx"), "cii", strict=True) == ()


def test_pictures_bookmarks_and_russian_forms_pass(tmp_path: Path) -> None:
    """A logo that lets light through, a stamp in grey, a photograph; 400 lines with bookmarks; счёт and акт."""
    logo, stamp, signature = (tmp_path / name for name in ("logo.png", "stamp.png", "signature.jpg"))
    Image.new("RGBA", (40, 20), (10, 80, 110, 128)).save(logo)
    Image.new("LA", (30, 30), (90, 100)).save(stamp)
    Image.new("RGB", (30, 10), (20, 20, 90)).save(signature)
    look = Look(logo=logo, stamp=stamp, signature=signature)
    assert faults(render_facturx(sample_invoice("de", 400), look=look)) == []
    russian = sample_russian(40)
    assert faults(render_facturx(russian, look=look)) == []
    act = Act("7", russian.period_end, russian)
    assert faults(render_pdf(act, "act", look=look, archive=Archive())) == []


@pytest.mark.parametrize("last", [b"\r", b"\n", b" "])
def test_a_stream_may_end_in_any_byte(invoice_of: Make, last: bytes) -> None:
    """A compressed stream that ends like a line keeps its length: readers may take CR LF for one end of line."""
    chance = random.Random(7)
    data = next(text for _ in range(10_000) if zlib.compress(text := chance.randbytes(40), 6).endswith(last))
    archive = Archive((Attachment("note.txt", data, "text/plain", "A note", "Supplement"),))
    assert faults(render_pdf(invoice_of(), archive=archive)) == []


def test_several_files_are_listed_by_name(invoice_of: Make) -> None:
    """A name tree is sorted; an archive without files has none."""
    files = tuple(Attachment(name, b"x", "text/plain", name, "Supplement") for name in ("b.txt", "a.txt"))
    pdf = render_pdf(invoice_of(), archive=Archive(files))
    names = catalog_of(pdf)["/Names"]["/EmbeddedFiles"]["/Names"]
    assert [str(name) for name in names[::2]] == ["a.txt", "b.txt"]
    assert faults(pdf) == []
    assert "/AF" not in catalog_of(render_pdf(invoice_of(), archive=Archive()))


def test_a_subject_is_described(invoice_of: Make) -> None:
    """Where a drawing has one; markup in it is text."""
    drawing = replace(draw(invoice_of()), subject="A <b> & c", made_on=date(2026, 1, 2))
    text = packet(drawing, 3, "B", None).decode()
    assert "A &lt;b&gt; &amp; c</rdf:li></rdf:Alt></dc:description>" in text
    assert "pdfaExtension" not in text


_ELSEWHERE = """
import hashlib, json, sys
from studio_invoices.codec import invoice_from_dict
from studio_invoices.einvoice import render_facturx, to_xml
invoice = invoice_from_dict(json.load(sys.stdin))
for made in (render_facturx(invoice), to_xml(invoice, "cii"), to_xml(invoice, "ubl")):
    print(hashlib.sha256(made).hexdigest())
"""


def test_another_process_makes_the_same_bytes(invoice_of: Make) -> None:
    """With other hash seeds, another time zone and locale; another invoice has another ID."""
    invoice = invoice_of([{"minutes": 20}] * 3)
    given = json.dumps(invoice_to_dict(invoice))
    here = [
        hashlib.sha256(made).hexdigest()
        for made in (render_facturx(invoice), to_xml(invoice, "cii"), to_xml(invoice, "ubl"))
    ]
    for seed, zone in (("1", "Asia/Tokyo"), ("2", "America/Lima")):
        environ = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
        done = subprocess.run(
            [sys.executable, "-c", _ELSEWHERE], input=given, env=environ, capture_output=True, text=True, check=True
        )
        assert done.stdout.split() == here
    ids = {str(PdfReader(io.BytesIO(render_facturx(made))).trailer["/ID"]) for made in (invoice, invoice_of())}
    assert len(ids) == 2
