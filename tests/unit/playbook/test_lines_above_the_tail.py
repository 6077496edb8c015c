"""What a playbook knows of a log is read also above the tail of a chatty log, where only lines of trouble are kept."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from bot.adapters.kube.read.logs import tells_of_trouble

ROOT = Path(__file__).parents[3]


def known_texts() -> Iterator[tuple[str, str]]:
    """Every line that the generic lines, the rules of failed calls and the cases of symptoms say they know."""
    for path in (ROOT / "playbooks").rglob("*.yaml"):
        document = yaml.safe_load(path.read_text())
        for line in document.get("lines", ()) if document.get("kind") == "lines" else ():
            yield from ((f"{path.name}: {line['id']}", text) for text in line["says"])
        for case in document.get("pastes", ()):
            if case["expect"] == "match":
                yield path.name, case["text"]
    for path in (ROOT / "bot" / "playbook" / "failed_calls").glob("*.yaml"):
        for rule in yaml.safe_load(path.read_text()).get("rules", ()):
            yield from ((f"{path.name}: {rule['id']}", text) for text in rule.get("cases", ()))


def test_every_known_line_tells_of_trouble() -> None:
    texts = list(known_texts())
    assert len(texts) > 400
    unseen = [(name, text) for name, text in texts if not any(map(tells_of_trouble, text.encode().splitlines()))]
    assert unseen == []


def test_what_goes_well_does_not() -> None:
    for line in (b"GET /orders 200 in 8ms", b"sent 1 mail", b"LOG:  checkpoint complete", b"INFO scan taken RR7041"):
        assert not tells_of_trouble(line)
