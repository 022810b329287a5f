"""The marks of sentences: kept as HTML, dropped where a sentence is heard, and nothing of a text becomes HTML."""

from core.sentences import as_html, plain


def test_marks_become_html_and_everything_else_is_escaped():
    said = "**Right.** It is *not* `s < 1`, 2 < 3 & <b>so</b>."
    assert as_html(said) == (
        "<strong>Right.</strong> It is <em>not</em> <code>s &lt; 1</code>, 2 &lt; 3 &amp; &lt;b&gt;so&lt;/b&gt;."
    )


def test_who_hears_a_sentence_hears_no_marks():
    assert plain("**Right.**\n\n- It is.") == "Right. It is."
