"""Headers in six languages, and the bulk files of other schedulers."""

from __future__ import annotations

from pathlib import Path

import pytest
from calendar_desk import read, said


@pytest.mark.parametrize(
    "header",
    [
        "Date;Time;Caption;Platform;Photo;Alt;URL;Comment",
        "Datum;Uhrzeit;Beitrag;Kanäle;Bild;Bildbeschreibung;Link;Notiz",
        "Jour;Heure;Texte;Canaux;Visuel;Texte alternatif;Lien;Remarque",
        "Fecha;Hora;Texto;Canales;Imagen;Texto alternativo;Enlace;Nota",
        "Data;Horário;Legenda;Canais;Imagem;Texto alternativo;URL;Comentário",
        "日付;時間;投稿内容;チャンネル;画像;代替テキスト;リンク;備考",
    ],
)
def test_a_header_is_understood_in_its_owners_language(tmp_path: Path, header: str) -> None:
    (tmp_path / "cup.jpg").write_bytes(b"jpeg")
    row = "2027-03-31;09:00;One;bluesky-main;cup.jpg;A cup;https://a.example;later"
    calendar = read(tmp_path / "plan.csv", f"{header}\n{row}\n")
    assert said(calendar) == []
    assert list(calendar.rows[0].values()) == [
        "One", "bluesky-main", "cup.jpg", "A cup", "https://a.example", "later", "2027-03-31", "09:00",
    ]  # fmt: skip


def test_hootsuites_bulk_file_is_known_by_its_shape(tmp_path: Path) -> None:
    content = '"03/04/2027 09:05","Hello, world","https://a.example"\n"03/31/2027 21:30",Second,\n'
    calendar = read(tmp_path / "hootsuite.csv", content, channels="bluesky-main")
    assert calendar.rows == (
        {
            "text": "Hello, world",
            "link": "https://a.example",
            "channels": "bluesky-main",
            "date": "2027-03-04",
            "time": "09:05",
        },
        {"text": "Second", "channels": "bluesky-main", "date": "2027-03-31", "time": "21:30"},
    )
    assert calendar.notes == ("read as Hootsuite's bulk file: date and time, message, link",)
    assert said(calendar) == []


def test_hootsuites_dates_are_not_guessed_either(tmp_path: Path) -> None:
    calendar = read(tmp_path / "hootsuite.csv", "03/04/2027 09:05,Hello,\n")
    assert said(calendar) == ["row 1, date: 03/04/2027 can be 3 April or 4 March; write 2027-04-03 or 2027-03-04"]


def test_buffers_bulk_file_is_read_and_its_pictures_are_asked_for(tmp_path: Path) -> None:
    content = "Text,Image URL,Tags,Posting Time\nHello,https://a.example/cup.jpg,Spring,2027-03-31 09:00\n"
    calendar = read(tmp_path / "buffer.csv", content, channels="bluesky-main")
    assert calendar.rows[0]["Tags"] == "Spring"
    assert (calendar.rows[0]["date"], calendar.rows[0]["time"]) == ("2027-03-31", "09:00")
    assert calendar.notes == ("read as Buffer's bulk file: text, picture, tags, posting time",)
    assert said(calendar) == [
        "row 2, image: https://a.example/cup.jpg is a web address; "
        "download the picture, put it beside the calendar and write its name"
    ]


def test_a_separator_that_excel_names_in_the_first_line_is_used(tmp_path: Path) -> None:
    calendar = read(tmp_path / "plan.csv", "sep=;\ndate;time;text\n2027-03-31;09:00;a, b\n")
    assert calendar.rows[0]["text"] == "a, b"


def test_a_tsv_file_is_split_at_its_tabs(tmp_path: Path) -> None:
    assert read(tmp_path / "plan.tsv", "date\ttime\ttext\n2027-03-31\t09:00\ta, b; c\n").rows[0]["text"] == "a, b; c"


def test_a_row_without_channels_gets_the_ones_told(tmp_path: Path) -> None:
    content = "date,time,text,channels\n2027-03-31,09:00,One,\n2027-03-31,10:00,Two,mastodon-main\n"
    calendar = read(tmp_path / "plan.csv", content, channels="Bluesky-Main")
    assert [row["channels"] for row in calendar.rows] == ["bluesky-main", "mastodon-main"]
