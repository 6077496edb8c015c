"""The table of what Onyx does is that of the playbooks."""

from tests.support.onyx_document import PLACE, TOPICS, document


def test_the_document_is_generated_from_the_playbooks():
    assert PLACE.read_text(encoding="utf-8") == document(), "run python -m tests.support.onyx_document"


def test_every_topic_is_in_it():
    text = document()
    folders = {path.name for path in (PLACE.parents[2] / "playbooks" / "onyx").iterdir() if path.is_dir()}
    assert folders == set(TOPICS)
    assert "| `" in text
