"""Which cell of a record is which column: the header's words in six languages, wherever the header stands."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from local.calendars.model import THE_MESH_WRITES, Problem, Record, Value, filled

MOMENT = "date and time"
"""A column that holds both; it becomes date and time."""

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "post_id": ("post_id", "post id", "id"),
    "date": (
        "date", "day", "planned date", "publish date", "post date", "datum", "tag", "jour", "fecha", "día", "data",
        "dia", "日付", "投稿日",
    ),
    "time": (
        "time", "hour", "planned time", "uhrzeit", "zeit", "heure", "hora", "horario", "horário", "時間", "時刻",
        "投稿時間",
    ),
    MOMENT: (
        "date and time", "date & time", "date/time", "datetime", "date time", "posting time", "post time", "scheduled",
        "scheduled at", "scheduled time", "scheduled for", "schedule", "publish at", "publish time", "when",
        "datum und uhrzeit", "datum/uhrzeit", "zeitpunkt", "termin", "date et heure", "fecha y hora", "data e hora",
        "日時", "投稿日時",
    ),
    "text": (
        "text", "caption", "message", "post", "copy", "content", "beitrag", "nachricht", "texte", "légende",
        "publication", "texto", "mensaje", "publicación", "legenda", "mensagem", "本文", "テキスト", "投稿", "投稿内容", "内容",
    ),
    "channels": (
        "channels", "channel", "accounts", "account", "profiles", "platform", "platforms", "networks", "network",
        "kanal", "kanäle", "plattform", "netzwerk", "canal", "canaux", "réseau", "réseaux", "canales", "redes",
        "canais", "チャンネル", "sns", "媒体",
    ),
    "image": (
        "image", "images", "picture", "photo", "file", "media", "image url", "image urls", "image url(s)", "photo url",
        "media url", "bild", "bilder", "foto", "fotos", "visuel", "imagen", "imágenes", "imagem", "imagens", "画像", "写真",
    ),
    "alt text": (
        "alt text", "alt", "alttext", "image description", "alternativtext", "bildbeschreibung", "texte alternatif",
        "texto alternativo", "代替テキスト",
    ),
    "link": ("link", "url", "lien", "enlace", "ligação", "リンク"),
    "note": (
        "note", "notes", "comment", "notiz", "notizen", "kommentar", "bemerkung", "remarque", "commentaire", "nota",
        "notas", "comentario", "comentário", "メモ", "備考",
    ),
}  # fmt: skip
_MEANINGS = {synonym: column for column, synonyms in SYNONYMS.items() for synonym in synonyms}
_LOOKED_AT = 30
_ENOUGH = 2  # known words in one row: a title above the table hardly has two


@dataclass(frozen=True)
class Columns:
    """``places`` maps the sheet's name to the cell's index, ``titles`` to the owner's word for it.

    ``ignored`` are the titles whose cells are not taken.
    """

    places: Mapping[str, int]
    problems: tuple[Problem, ...] = ()
    ignored: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)

    def value(self, record: Record, column: str) -> Value:
        place = self.places.get(column)
        return "" if place is None or place >= len(record.cells) else record.cells[place]

    @property
    def extra(self) -> tuple[str, ...]:
        """The owner's own columns."""
        return tuple(name for name in self.places if name not in SYNONYMS)


def meaning(title: Value) -> str:
    """The sheet's column that this title means, or ""."""
    plain = _plain(title)
    return _MEANINGS.get(plain) or _MEANINGS.get(plain.replace("_", " ")) or ""


def find_header(records: Sequence[Record]) -> int | None:
    """The index of the row that names the columns: the first with two known words, else the first row with one."""
    for index, record in enumerate(records[:_LOOKED_AT]):
        if _known(record) >= _ENOUGH:
            return index
    return 0 if records and _known(records[0]) else None


def read_header(header: Record) -> Columns:
    """Of two columns with one meaning the first is taken; date and time of a combined column are found by its readers."""
    places: dict[str, int] = {}
    problems: list[Problem] = []
    ignored: list[str] = []
    for place, cell in enumerate(header.cells):
        title = str(cell).strip() if filled(cell) else ""
        if not title:
            continue
        column = meaning(title) or " ".join(title.split())
        if _plain(title).replace("_", " ") in THE_MESH_WRITES:
            ignored.append(title)
        elif column in places:
            first = str(header.cells[places[column]]).strip()
            what = f"means {column} like the column {first}"
            problems.append(Problem(header.number, title, what, "rename or remove one; the first was taken"))
        else:
            places[column] = place
    titles = {column: str(header.cells[place]).strip() for column, place in places.items()}
    return Columns(places, tuple(problems), tuple(ignored), titles)


def missing(columns: Columns) -> list[Problem]:
    """The columns without which no post can be planned."""
    wanted = ("text",) if MOMENT in columns.places else ("date", "time", "text")
    found = []
    for column in wanted:
        if column not in columns.places:
            names = ", ".join(SYNONYMS[column][:6])
            fix = f"name one of the columns {column} (read as such: {names})"
            found.append(Problem(None, column, "the column is missing", fix))
    return found


def is_second_header(record: Record, columns: Columns) -> bool:
    """A header said twice, or in another language: every cell in it is a title, and two are known."""
    texts = [cell for cell in record.cells if filled(cell)]
    return _known(record) >= _ENOUGH and all(isinstance(cell, str) and len(cell) < 40 for cell in texts)


def _known(record: Record) -> int:
    return len({column for cell in record.cells if (column := meaning(cell))})


def _plain(title: Value) -> str:
    return " ".join(unicodedata.normalize("NFKC", title).casefold().split()) if isinstance(title, str) else ""
