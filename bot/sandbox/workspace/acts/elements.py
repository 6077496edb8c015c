"""Finds the interactive elements of a message or view, and puts what a person chose into Slack's words.

Called by the people's actions. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]

_TEXT = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}
# Elements whose choice is one plain value: the field that carries it, and the field with its initial value.
_PLAIN = {
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
}
_ONE_OPTION = {"static_select", "radio_buttons", "external_select", "overflow"}
_MANY_OPTIONS = {"multi_static_select", "checkboxes", "multi_external_select"}


def elements_of(blocks: list[Json]) -> Iterator[tuple[str, Json]]:
    """Every interactive element with the id of its block."""
    for block in blocks:
        places = [block.get("accessory"), block.get("element")]
        if block["type"] in ("actions", "context_actions"):
            places.extend(block["elements"])
        for element in places:
            if isinstance(element, dict) and "action_id" in element:
                yield block["block_id"], element


def find(blocks: list[Json], action_id: str, block_id: str | None) -> tuple[str, Json] | None:
    """The element with this action id (in this block, when given)."""
    for block, element in elements_of(blocks):
        if element["action_id"] == action_id and block_id in (None, block):
            return block, element
    return None


def state_of(element: Mapping[str, Any], given: object = None) -> Json:
    """The entry of `state.values` for an element; without `given` its initial value counts."""
    kind = element["type"]
    if kind in _TEXT:
        value = given if given is not None else element.get("initial_value")
        return {"type": kind, "value": str(value) if value not in (None, "") else None}
    if kind in _PLAIN:
        name, initial = _PLAIN[kind]
        return {"type": kind, name: given if given is not None else element.get(initial)}
    if kind in _ONE_OPTION:
        option = _option(element, given) if given is not None else element.get("initial_option")
        return {"type": kind, "selected_option": option}
    if kind in _MANY_OPTIONS:
        chosen = given if isinstance(given, (list, tuple)) else None
        options = element.get("initial_options", []) if chosen is None else [_option(element, each) for each in chosen]
        return {"type": kind, "selected_options": [option for option in options if option]}
    return {"type": kind, "value": given}


def action_of(block_id: str, element: Mapping[str, Any], given: object, action_ts: str) -> Json:
    """The entry of `actions` for something a person did to an element."""
    action: Json = {"action_id": element["action_id"], "block_id": block_id, "action_ts": action_ts}
    if element["type"] == "feedback_buttons":
        chosen = next(
            (element[name] for name in ("positive_button", "negative_button") if element[name]["value"] == given),
            element["positive_button"],
        )
        return action | {"type": "feedback_buttons", "text": chosen["text"], "value": chosen["value"]}
    if element["type"] not in ("button", "icon_button"):
        return action | state_of(element, given)
    action |= {"type": element["type"], "text": element["text"]}
    return action | {name: element[name] for name in ("value", "style", "url", "confirm") if name in element}


def values_of(blocks: list[Json], given: Mapping[str, object]) -> Json:
    """`state.values`. `given` maps a block id or an action id to what the person entered."""
    values: Json = {}
    for block_id, element in elements_of(blocks):
        if element["type"] in ("button", "overflow", "feedback_buttons", "icon_button"):
            continue
        entered = given.get(block_id, given.get(element["action_id"]))
        values.setdefault(block_id, {})[element["action_id"]] = state_of(element, entered)
    return values


def complaints(blocks: list[Json], values: Json) -> dict[str, str]:
    """What Slack's own form check says before it submits a modal: block id → sentence."""
    found: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        state = values.get(block["block_id"], {}).get(element["action_id"], {})
        entered = next((value for name, value in state.items() if name != "type"), None)
        if entered in (None, "", []):
            if not block.get("optional"):
                found[block["block_id"]] = "Please complete this required field."
        elif isinstance(entered, str):
            sentence = _bounds(element, entered)
            if sentence:
                found[block["block_id"]] = sentence
    return found


def _bounds(element: Json, entered: str) -> str | None:
    if element["type"] == "number_input":
        return _number_bounds(element, entered)
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if len(entered) < least:
        return f"Please enter at least {least} characters."
    return f"Please enter at most {most} characters." if len(entered) > most else None


def _number_bounds(element: Json, entered: str) -> str | None:
    try:
        number = float(entered)
    except ValueError:
        return "Please enter a number."
    if not element["is_decimal_allowed"] and not number.is_integer():
        return "Please enter a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Please enter {element['min_value']} or more."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Please enter {element['max_value']} or less."
    return None


def _option(element: Mapping[str, Any], value: object) -> Json | None:
    groups = element.get("option_groups") or [{"options": element.get("options", [])}]
    options: Iterator[Json] = (option for group in groups for option in group["options"])
    return next((option for option in options if option["value"] == value), None)
