from dashboard.components.markdown import plain


def test_plain_escapes_markup_and_keeps_one_line():
    assert plain("<b>a</b>\n[x](y) $z$") == r"\<b\>a\<\/b\> \[x\]\(y\) \$z\$"


def test_plain_leaves_words_alone():
    assert plain("digits mlp 3 é ∞") == "digits mlp 3 é ∞"
