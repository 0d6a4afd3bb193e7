"""What lies in files that are handed in: listed safely, whatever they are."""

import io
import stat
import struct
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from assignments.kinds.files import listing
from assignments.kinds.files.kind import MOST_AT_ONCE, FilesField, FilesKind
from assignments.kinds.files.listing import Unreadable, listing_of, text_of
from assignments.kinds.kind import WorkRefused
from tests import factories as make


def zip_of(files, method=zipfile.ZIP_DEFLATED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return made.getvalue()


def listed(content, name="file.py"):
    return {member.name: member for member in listing_of(content, name).members}


class TestText:
    def test_a_single_file_has_its_lines(self):
        (only,) = listing_of(b"a = 1\r\nb = 2\n", "file.py").members
        assert (only.name, only.size, only.lines) == ("file.py", 13, ("a = 1", "b = 2"))

    @pytest.mark.parametrize(
        ("raw", "text"),
        [
            ("深度".encode(), "深度"), ("深度".encode("gb18030"), "深度"), ("深度".encode("utf-16"), "深度"),
            ("\ufeffx".encode(), "x"), (b"caf\xe9", "caf\xe9"), (b"a\rb", "a\nb"), (b"", ""), (b"a\x00b", None),
        ],
    )  # fmt: skip
    def test_encodings(self, raw, text):
        assert text_of(raw) == text

    def test_what_is_long_is_cut_or_left_out(self):
        assert listed(b"x" * 3000)["file.py"].lines == ("x" * 2000 + " … cut here: 1000 more",)
        assert "too large" in listed(b"x\n" * 300_000)["file.py"].reason
        assert "too many lines" in listed(b"\n" * 20_000)["file.py"].reason
        assert listed(b"")["file.py"].lines == ()

    def test_a_notebook_is_its_cells(self):
        lines = listed(make.source_bytes(), "work.ipynb")["work.ipynb"].lines
        assert lines[0].startswith("# %% cell 1")
        assert listed(b"{}", "x.ipynb")["x.ipynb"].lines == ("{}",)


class TestZips:
    def test_in_the_order_of_their_paths_without_what_tools_leave(self):
        found = listing_of(
            zip_of([("b/z.py", "z"), ("a.py", "a"), ("__MACOSX/a.py", "x"), ("b/.DS_Store", "x"), ("b/", "")]), "x.zip"
        )
        assert [member.name for member in found.members] == ["a.py", "b/z.py"]
        assert found.left_out == 2

    def test_absolute_and_climbing_paths_are_names_and_nothing_more(self):
        found = listed(zip_of([("/etc/passwd", "x"), ("../../up.py", "y"), ("C:\\x.py", "z")]))
        assert set(found) == {"/etc/passwd", "../../up.py", "C:/x.py"}
        assert found["../../up.py"].lines == ("y",)

    def test_links_are_not_followed(self):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            link = zipfile.ZipInfo("link.py")
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, "/etc/passwd")
        (member,) = listed(made.getvalue()).values()
        assert (member.lines, "link" in member.reason) == (None, True)

    @pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_a_bomb_is_read_no_further_than_its_limit(self, method):
        bomb = zip_of([("big.txt", b"0" * (60 << 20)), ("a.py", "x = 1")], method)
        found = listed(bomb)
        assert found["big.txt"].reason == "It is too large to be shown."
        assert found["big.txt"].size == 60 << 20
        assert found["a.py"].lines == ("x = 1",)

    def test_a_size_that_lies_changes_nothing(self):
        raw = bytearray(zip_of([("big.txt", b"0" * 5_000_000)]))
        for at in (raw.find(b"PK\x01\x02") + 24, 22):
            raw[at : at + 4] = struct.pack("<I", 10)
        (member,) = listed(bytes(raw)).values()
        assert member.lines is None or sum(map(len, member.lines)) <= listing.MOST_FILE

    def test_all_texts_together_have_a_limit(self):
        found = listing_of(
            zip_of([(f"{number:02}.txt", "a line of thirty-nine letters, say.....\n" * 9_000) for number in range(20)]),
            "x.zip",
        ).members
        shown = [member for member in found if member.lines is not None]
        assert len(shown) < len(found)
        assert "Too much is shown already." in {member.reason for member in found}

    def test_a_hundred_thousand_members_are_counted_and_not_all_listed(self):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            for number in range(100_000):
                archive.writestr(f"{number:06}.py", "")
        found = listing_of(made.getvalue(), "x.zip")
        assert len(found.members) == listing.MOST_LISTED
        assert found.unlisted == 100_000 - listing.MOST_LISTED

    def test_archives_inside_are_not_opened(self):
        inner = zip_of([("a.py", "x")])
        found = listed(zip_of([("inner.zip", inner), ("data.tar.gz", b"x"), ("plain", inner)]))
        assert found["inner.zip"].lines is found["data.tar.gz"].lines is None
        assert found["plain"].reason == "It is no text."

    def test_names_in_the_encoding_of_their_language(self):
        raw = zip_of([("AAAA.py", "x")])
        assert set(listed(raw.replace(b"AAAA", "作业".encode("gb18030")))) == {"作业.py"}
        assert set(listed(raw.replace(b"AAAA.py", "é".encode() + b"AA.py"))) == {"éAA.py"}
        assert set(listed(zip_of([("作业.py", "x")]))) == {"作业.py"}
        assert set(listed(zip_of([("a\u202epy.exe", "x")]))) == {"a\ufffdpy.exe"}

    def test_a_password_is_said(self):
        raw = bytearray(zip_of([("a.py", "x")]))
        raw[6] |= 1
        raw[raw.find(b"PK\x01\x02") + 8] |= 1
        assert "password" in listed(bytes(raw))["a.py"].reason

    def test_a_broken_member_costs_the_others_nothing(self):
        raw = bytearray(zip_of([("a.py", "x" * 50), ("b.py", "y")], zipfile.ZIP_STORED))
        raw[40] ^= 1
        found = listed(bytes(raw))
        assert "damaged" in found["a.py"].reason
        assert found["b.py"].lines == ("y",)

    @pytest.mark.parametrize("files", [[], [(".git/x", "1")], [("code/", ""), ("code/__pycache__/a.pyc", "1")]])
    def test_a_zip_without_a_file_is_said(self, files):
        with pytest.raises(Unreadable, match="There is no file in this zip"):
            listing_of(zip_of(files), "x.zip")

    def test_a_damaged_member_of_another_compression_costs_the_others_nothing(self):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("a.py", "x = 1\n" * 1000, zipfile.ZIP_LZMA)
            archive.writestr("b.py", "y")
        raw = bytearray(made.getvalue())
        raw[45:60] = b"\xff" * 15
        found = listed(bytes(raw))
        assert "damaged" in found["a.py"].reason
        assert found["b.py"].lines == ("y",)

    def test_folders_as_windows_writes_them(self):
        raw = zip_of(
            [("proj\\__pycache__\\a.pyc", b"\x00"), ("proj\\a.py", "x"), ("proj\\b\\", ""), ("proj\\b\\c.py", "x")]
        )
        found = listing_of(raw, "x.zip")
        assert [member.name for member in found.members] == ["a.py", "b/c.py"]
        assert found.left_out == 1

    def test_the_one_folder_around_everything_is_left_out_of_the_names(self):
        assert set(listed(zip_of([("lin/a.py", "x"), ("lin/b/a.py", "x")]))) == {"a.py", "b/a.py"}
        assert set(listed(zip_of([("lin/a.py", "x"), ("b.py", "x")]))) == {"lin/a.py", "b.py"}

    def test_two_of_one_name_are_told_apart(self):
        raw = zip_of([("a.py", "old"), ("b.py", "new")]).replace(b"b.py", b"a.py")
        assert {name: member.lines for name, member in listed(raw).items()} == {"a.py": ("old",), "a.py (2)": ("new",)}

    def test_a_wide_space_is_a_space(self):
        assert set(listed(zip_of([("x\u3000y.py", "x"), ("z.py", "x")]))) == {"x y.py", "z.py"}

    def test_many_short_lines_count_with_their_markup(self):
        found = listing_of(zip_of([(f"{n:03}.txt", "7\n" * 10_000) for n in range(130)]), "x.zip").members
        lines = sum(len(member.lines or ()) for member in found)
        assert 100_000 < lines <= listing.MOST_SHOWN // listing.MARKUP

    def test_no_zip_behind_its_first_bytes(self):
        with pytest.raises(Unreadable, match="damaged"):
            listing_of(b"PK\x03\x04 and nothing more", "x.zip")

    @given(st.binary(max_size=200), st.integers(0, 200), st.integers(0, 255))
    def test_whatever_the_bytes_are(self, extra, at, byte):
        raw = bytearray(zip_of([("a.py", "x = 1"), ("b/c.txt", "text")]) + extra)
        raw[at % len(raw)] = byte
        try:
            found = listing_of(bytes(raw), "x.zip")
        except Unreadable:
            return
        assert all((member.lines is None) == bool(member.reason) for member in found.members)


class TestTaking:
    def look(self, content):
        return FilesKind().look(None, None, content)

    def test_text_and_whole_zips_are_taken(self):
        for content in (b"x = 1", zip_of([("a.py", "x")]), zip_of([]), b"\x89PNG\r\n"):
            assert not self.look(content).notices

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (zip_of([("a.py", "x")])[:60], "not sent whole"), (b"Rar!\x1a\x07", "Make a zip"),
            (b"7z\xbc\xaf\x27\x1c", "Make a zip"), (b"\x1f\x8b\x08", "Make a zip"),
        ],
        ids=["cut off", "rar", "7z", "gzip"],
    )  # fmt: skip
    def test_what_nobody_could_open_is_refused_in_words(self, content, said):
        with pytest.raises(WorkRefused, match=said):
            self.look(content)

    def test_several_files_are_one_zip_and_the_same_files_the_same_bytes(self):
        def sent(*names):
            return [SimpleUploadedFile(name, name.encode()) for name in names]

        made = FilesField().clean(sent("b.py", "a.py"))
        again = FilesField().clean(sent("a.py", "b.py"))
        assert made.name == "files.zip"
        assert made.read() == (content := again.read())
        assert [member.lines for member in listing_of(content, "x").members] == [("a.py",), ("b.py",)]
        assert FilesField().clean(sent("a.py")).name == "a.py"

    @pytest.mark.parametrize(
        ("names", "said"),
        [([], "Choose a file first"), (["a.py", "a.py"], "same name"), (["x.py"] * (MOST_AT_ONCE + 1), "at most 100")],
    )
    def test_what_cannot_be_one_zip(self, names, said):
        with pytest.raises(ValidationError, match=said):
            FilesField().clean([SimpleUploadedFile(name, b"x") for name in names])

    def test_too_much_is_refused_before_it_is_read(self):
        large = SimpleUploadedFile("a.bin", b"x")
        large.size = 41 << 20
        with pytest.raises(ValidationError, match="at most 40 MB"):
            FilesField().clean([large])

    @pytest.mark.parametrize(
        ("name", "ending"), [("a.PY", ".py"), ("a", ".txt"), ("a.tar.gz", ".gz"), ('a."><b', ".txt"), ("a.zip", ".zip")]
    )
    def test_it_is_given_out_under_its_own_ending(self, name, ending):
        assert FilesKind().ending_of(name) == ending
