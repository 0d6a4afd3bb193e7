"""QR codes: a picture that holds the text and nothing else."""

import re

import pytest
import segno

from courses.qr import LONGEST, qr_svg


@pytest.mark.parametrize("text", ["https://qm.qq.com/q/x", "<script>alert(1)</script>", "加群：123", "x" * LONGEST])
def test_it_is_a_picture_of_the_text_and_has_no_word_of_it(text):
    picture = str(qr_svg(text))

    assert set(re.findall(r"<(/?\w+)", picture)) <= {"svg", "/svg", "g", "/g", "path", "/path"}
    assert text not in picture
    side = segno.make(text, micro=False).symbol_size(scale=4, border=4)[0]
    assert f'width="{side}" height="{side}"' in picture


@pytest.mark.parametrize("text", ["", "x" * (LONGEST + 1)])
def test_nothing_and_too_much_is_no_picture(text):
    assert qr_svg(text) == ""
