"""Rosters that were read wrongly once, found by people who tried: what each must give. Everyone in them is invented."""

import pytest

from courses.roster.people import read_roster
from courses.roster.values import mail_of
from courses.tests.test_roster_cases import csv, people_of, workbook


class TestWhatWasReadWronglyOnce:
    @pytest.mark.parametrize("nothing", ["-", "–", "N/A", "None", "null", "0", "无", "/"])
    def test_a_word_for_nothing_is_no_number_and_joins_nobody(self, nothing):
        lines = ["Student ID,Name,Email", *(f"{nothing},{n},{n[:2]}@x.example" for n in ("Ann Able", "Bo Best"))]

        assert people_of(csv(*lines)) == [
            ("Ann Able", "", "", "an@x.example", ()), ("Bo Best", "", "", "bo@x.example", ()),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("line", "name"),
        [
            ("Name;Vorname;Matrikelnummer\nMüller;Jörg;00123", "Jörg Müller"),
            ("Surname,Name,ID\nRossi,Mario,00123", "Mario Rossi"),
            ("姓名,姓,学号\n张伟,张,00123", "张伟"),
            ("Name,First name,ID\nAnn Able,Ann,00123", "Ann Able"),
            ("Name,First name,Last name,ID\nAble Ann,Ann,Able,00123", "Able Ann"),
        ],
    )
    def test_a_name_beside_one_half_of_it(self, line, name):
        assert people_of(csv(line)) == [(name, "00123", "", "", ())]

    @pytest.mark.parametrize(
        ("header", "teacher", "left"),
        [
            ("Vorname,Nachname,E-Mail-Adresse,Rollen,Gruppen,Status", "Trainer/in", "Inaktiv"),
            ("Prénom,Nom,Adresse de courriel,Rôles,Groupes,Statut", "Enseignant", "Suspendu"),
            ("Nombre,Apellido(s),Correo,Roles,Grupos,Estado", "Profesor", "Suspendido"),
        ],
    )
    def test_moodle_in_other_languages(self, header, teacher, left):
        student = {"V": "Teilnehmer/in", "P": "étudiant", "N": "estudiante"}[header[0]]
        rows = [
            f"Ann,Able,a@x.example,{student},G1,",
            f"Tea,Cher,t@x.example,{teacher},G1,",
            f"Bo,Best,b@x.example,{student},G1,{left}",
        ]

        assert people_of(csv(header, *rows)) == [("Ann Able", "", "", "a@x.example", ("G1",))]

    def test_a_row_that_is_wider_than_the_heading(self):
        roster = read_roster(csv("Student ID,Name,Section", "1,Smith, Ann,A"))

        assert "Row 2: it has more cells than the heading" in roster.problems[0]

    def test_two_halves_side_by_side(self):
        roster = read_roster(csv("学号,姓名,班级,学号,姓名,班级", "1,张伟,A,2,李四,A"))

        assert any("side by side" in problem for problem in roster.problems)

    @pytest.mark.parametrize(
        ("text", "encoding"), [("ФИО;Студент\nИван Петров;1", "cp1251"), ("name,id\nИван Петров,1", "cp1251")]
    )
    def test_cyrillic_is_not_read_as_chinese(self, text, encoding):
        assert "damaged or in an unknown encoding" in read_roster(text.encode(encoding)).problems[0]

    def test_chinese_that_is_not_utf8_is_said(self):
        roster = read_roster(csv("学号,姓名", "20240001,欧阳静远", encoding="gb18030"))

        assert [person.name for person in roster.people] == ["欧阳静远"]
        assert "read as Chinese" in roster.notes[0]

    @pytest.mark.parametrize("line", ["2025-01-01,打印,", "1/2,Page,", "2,Total,"])
    def test_a_footer_is_nobody(self, line):
        roster = read_roster(csv("学号,姓名,班级", "20240001,张伟,A", line))

        assert [person.name for person in roster.people] == ["张伟"]

    def test_the_preview_of_a_student_is_nobody(self):
        made = people_of(csv("Username,Name", "ann,Ann Able", "smith_previewuser,Smith"))

        assert [person[0] for person in made] == ["Ann Able"]

    def test_a_number_that_a_spreadsheet_has_rounded(self):
        roster = read_roster(workbook([["学号", "姓名"], [202400011234567891, "张伟"]]))

        assert "has rounded the student number" in roster.problems[0]

    def test_sections_whose_cells_were_merged(self):
        rows = [["学号", "姓名", "班级"], ["1", "张伟", "A"], *([str(n), f"李{n}", None] for n in range(2, 5))]

        assert "3 of 4 are in no section" in " ".join(read_roster(workbook(rows)).notes)

    @pytest.mark.parametrize(
        ("said", "mail"),
        [("Smith, Ann <ann@x.example>", "ann@x.example"), ("<ANN@x.example>", "ann@x.example"), ("n/a", ""), ("-", "")],
    )
    def test_an_address_in_brackets(self, said, mail):
        assert mail_of(said) == mail
