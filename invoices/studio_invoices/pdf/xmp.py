"""The XMP packet of an archived PDF: what the file says of itself, for PDF/A (ISO 19005-3, 6.6) and Factur-X.

PDF/A allows no property that is unknown to it, unless an extension schema in the same packet describes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

from studio_invoices.freetext import for_page
from studio_invoices.pdf.shapes import Drawing

CREATOR = "studio-support"
PRODUCER = "studio-support, ReportLab"


@dataclass(frozen=True, slots=True)
class Property:
    """A property of an extension schema. value: of this document; description: of the property, in English."""

    name: str
    value: str
    description: str


@dataclass(frozen=True, slots=True)
class Extension:
    """A schema beside those that PDF/A knows: title, address of its namespace, usual prefix, properties (Text)."""

    title: str
    namespace: str
    prefix: str
    properties: tuple[Property, ...]


def packet(drawing: Drawing, part: int, conformance: str, extension: Extension | None) -> bytes:
    """The packet in UTF-8; dates are the drawing's, so that the same document has the same packet."""
    stamp = f"{drawing.made_on.isoformat()}T00:00:00Z"
    described = [
        _described(
            'xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"',
            f"<pdfaid:part>{part}</pdfaid:part>\n<pdfaid:conformance>{conformance}</pdfaid:conformance>",
        ),
        _described('xmlns:dc="http://purl.org/dc/elements/1.1/"', _dublin_core(drawing)),
        _described('xmlns:pdf="http://ns.adobe.com/pdf/1.3/"', f"<pdf:Producer>{_plain(PRODUCER)}</pdf:Producer>"),
        _described(
            'xmlns:xmp="http://ns.adobe.com/xap/1.0/"',
            f"<xmp:CreatorTool>{_plain(CREATOR)}</xmp:CreatorTool>\n<xmp:CreateDate>{stamp}</xmp:CreateDate>\n"
            f"<xmp:ModifyDate>{stamp}</xmp:ModifyDate>",
        ),
    ]
    if extension is not None:
        described += [_values(extension), _schema(extension)]
    inside = "\n".join(described)
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        f'{inside}\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="r"?>'
    ).encode()


def _plain(text: str) -> str:
    return escape(for_page(text))


def _described(spaces: str, content: str) -> str:
    return f'<rdf:Description rdf:about="" {spaces}>\n{content}\n</rdf:Description>'


def _dublin_core(drawing: Drawing) -> str:
    def in_default(name: str, text: str) -> str:
        return f'<dc:{name}><rdf:Alt><rdf:li xml:lang="x-default">{_plain(text)}</rdf:li></rdf:Alt></dc:{name}>'

    parts = [
        in_default("title", drawing.title),
        f"<dc:creator><rdf:Seq><rdf:li>{_plain(drawing.author)}</rdf:li></rdf:Seq></dc:creator>",
        f"<dc:language><rdf:Bag><rdf:li>{_plain(drawing.language)}</rdf:li></rdf:Bag></dc:language>",
    ]
    if drawing.subject:
        parts.append(in_default("description", drawing.subject))
    return "\n".join(parts)


def _values(extension: Extension) -> str:
    prefix = extension.prefix
    lines = [f"<{prefix}:{row.name}>{_plain(row.value)}</{prefix}:{row.name}>" for row in extension.properties]
    return _described(f'xmlns:{prefix}="{extension.namespace}"', "\n".join(lines))


def _schema(extension: Extension) -> str:
    properties = "\n".join(
        '<rdf:li rdf:parseType="Resource">\n'
        f"<pdfaProperty:name>{row.name}</pdfaProperty:name>\n<pdfaProperty:valueType>Text</pdfaProperty:valueType>\n"
        f"<pdfaProperty:category>external</pdfaProperty:category>\n"
        f"<pdfaProperty:description>{_plain(row.description)}</pdfaProperty:description>\n</rdf:li>"
        for row in extension.properties
    )
    return _described(
        'xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" '
        'xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" '
        'xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"',
        '<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\n'
        f"<pdfaSchema:schema>{_plain(extension.title)}</pdfaSchema:schema>\n"
        f"<pdfaSchema:namespaceURI>{extension.namespace}</pdfaSchema:namespaceURI>\n"
        f"<pdfaSchema:prefix>{extension.prefix}</pdfaSchema:prefix>\n"
        f"<pdfaSchema:property><rdf:Seq>\n{properties}\n</rdf:Seq></pdfaSchema:property>\n"
        "</rdf:li></rdf:Bag></pdfaExtension:schemas>",
    )
