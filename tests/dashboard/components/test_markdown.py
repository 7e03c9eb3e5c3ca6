from dashboard.components.markdown import plain, sentence


def test_plain_escapes_markup_and_keeps_one_line():
    assert plain("<b>a</b>\n[x](y) $z$") == r"\<b\>a\<\/b\> \[x\]\(y\) \$z\$"


def test_plain_leaves_words_alone():
    assert plain("digits mlp 3 é ∞") == "digits mlp 3 é ∞"


def test_sentence_shows_commands_in_code_font_and_nothing_else():
    assert sentence("Run 'x`<b>`' not found; `fitboard runs` lists all runs.") == (
        r"Run \'x\`\<b\>\`\' not found\; `fitboard runs` lists all runs\."
    )
    assert sentence("No run has a metric `lr@best`; did you mean `metrics.val_loss`?") == (
        r"No run has a metric `lr@best`\; did you mean `metrics.val_loss`\?"
    )
