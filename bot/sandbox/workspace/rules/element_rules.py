"""What Slack demands of interactive Block Kit elements: buttons, menus, inputs and their confirmation dialogs.

Called by `block_rules`. Pure; it never decides where an element may stand, only whether it is well formed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox.workspace.rules.complaints import Complaints, kind_of

SELECTS = frozenset({"static_select", "external_select", "users_select", "conversations_select", "channels_select"})
MULTI_SELECTS = frozenset(f"multi_{kind}" for kind in SELECTS)
PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
CHOICES = frozenset({"checkboxes", "radio_buttons"})
TEXT_INPUTS = frozenset({"plain_text_input", "email_text_input", "number_input", "url_text_input", "file_input"})
MODAL_ONLY = frozenset({"email_text_input", "number_input", "url_text_input", "file_input"})
MESSAGE_ONLY = frozenset({"feedback_buttons", "icon_button", "workflow_button"})

IN_SECTION = frozenset({"button", "overflow", "image"}) | SELECTS | MULTI_SELECTS | PICKERS | CHOICES
IN_ACTIONS = frozenset({"button", "overflow"}) | SELECTS | PICKERS | CHOICES
IN_INPUT = SELECTS | MULTI_SELECTS | PICKERS | CHOICES | TEXT_INPUTS
IN_CONTEXT_ACTIONS = frozenset({"feedback_buttons", "icon_button"})

_COMMON = ("action_id", "confirm", "focus_on_load")


def check_element(
    complaints: Complaints, element: object, pointer: str, allowed: frozenset[str], action_ids: set[str]
) -> None:
    """Note every defect of one element. `action_ids` are those already used in the containing block."""
    if not isinstance(element, Mapping):
        complaints.add(pointer, "must provide an object")
        return
    kind = kind_of(element)
    misplaced = (kind in MODAL_ONLY and complaints.surface != "modal") or (
        kind in MESSAGE_ONLY and complaints.surface != "message"
    )
    if kind not in allowed or kind not in ELEMENTS or misplaced:
        complaints.add(f"{pointer}/type", f"unsupported type: {kind}")
        return
    ELEMENTS[str(kind)](complaints, element, pointer)
    complaints.optional_string(element, "action_id", pointer, most=255, least=1)
    _check_unique(complaints, element.get("action_id"), pointer, action_ids)
    if element.get("confirm") is not None:
        check_confirm(complaints, element["confirm"], f"{pointer}/confirm")


def check_confirm(complaints: Complaints, confirm: object, pointer: str) -> None:
    """A confirmation dialog: title 100, text 300, confirm and deny 30 characters."""
    if not complaints.is_object(confirm, pointer, ("title", "text", "confirm", "deny"), ("style",)):
        return
    assert isinstance(confirm, Mapping)
    complaints.text_object(confirm["title"], f"{pointer}/title", most=100, plain_only=True, counted=False)
    complaints.text_object(confirm["text"], f"{pointer}/text", most=300, counted=False)
    complaints.text_object(confirm["confirm"], f"{pointer}/confirm", most=30, plain_only=True, counted=False)
    complaints.text_object(confirm["deny"], f"{pointer}/deny", most=30, plain_only=True, counted=False)
    if "style" in confirm:
        complaints.one_of(confirm["style"], f"{pointer}/style", ("primary", "danger"))


def _check_unique(complaints: Complaints, action_id: object, pointer: str, used: set[str]) -> None:
    if not isinstance(action_id, str):
        return
    if action_id in used:
        complaints.add(f"{pointer}/action_id", f'`action_id` "{action_id}" already exists for another element')
    used.add(action_id)


def _button(complaints: Complaints, element: Mapping[str, Any], pointer: str) -> None:
    optional = ("url", "value", "style", "accessibility_label", "action_id", "confirm")
    if complaints.is_object(element, pointer, ("type", "text"), optional):
        complaints.text_object(element["text"], f"{pointer}/text", most=75, plain_only=True)
    complaints.optional_string(element, "value", pointer, most=2000, least=1)
    complaints.optional_string(element, "accessibility_label", pointer, most=75)
    if element.get("url") is not None:
        complaints.url(element["url"], f"{pointer}/url")
    if "style" in element:
        complaints.one_of(element["style"], f"{pointer}/style", ("primary", "danger"))


def _option(complaints: Complaints, option: object, pointer: str, *, plain_only: bool, url: bool = False) -> None:
    optional = ("description", "url") if url else ("description",)
    if not complaints.is_object(option, pointer, ("text", "value"), optional):
        return
    assert isinstance(option, Mapping)
    complaints.text_object(option["text"], f"{pointer}/text", most=75, plain_only=plain_only)
    complaints.string(option["value"], f"{pointer}/value", most=150, least=1)
    if option.get("description") is not None:
        complaints.text_object(option["description"], f"{pointer}/description", most=75, plain_only=plain_only)


def _options(
    complaints: Complaints, element: Mapping[str, Any], pointer: str, most: int, *, plain_only: bool, url: bool = False
) -> None:
    items = complaints.is_list(element.get("options"), f"{pointer}/options", least=1, most=most)
    for index, option in enumerate(items):
        _option(complaints, option, f"{pointer}/options/{index}", plain_only=plain_only, url=url)
    initials = list(
        complaints.is_list(element.get("initial_options", []), f"{pointer}/initial_options", least=0, most=100)
    )
    if element.get("initial_option") is not None:
        initials.append(element["initial_option"])
    if any(initial not in items for initial in initials):
        complaints.add(f"{pointer}/initial_option", "must match one of the provided options")


def _overflow(complaints: Complaints, element: Mapping[str, Any], pointer: str) -> None:
    complaints.is_object(element, pointer, ("type", "options"), ("action_id", "confirm"))
    _options(complaints, element, pointer, 5, plain_only=True, url=True)


def _choices(complaints: Complaints, element: Mapping[str, Any], pointer: str) -> None:
    complaints.is_object(element, pointer, ("type", "options"), (*_COMMON, "initial_options", "initial_option"))
    _options(complaints, element, pointer, 10, plain_only=False)


def _placeholder(complaints: Complaints, element: Mapping[str, Any], pointer: str) -> None:
    if element.get("placeholder") is not None:
        complaints.text_object(
            element["placeholder"], f"{pointer}/placeholder", most=150, plain_only=True, counted=False
        )


def _static_select(complaints: Complaints, element: Mapping[str, Any], pointer: str) -> None:
    optional = (*_COMMON, "placeholder", "options", "option_groups", "initial_option", "initial_options")
    complaints.is_object(element, pointer, ("type",), (*optional, "max_selected_items"))
    _placeholder(complaints, element, pointer)
    groups = element.get("option_groups")
    if groups is None:
        _options(complaints, element, pointer, 100, plain_only=True)
        return
    for index, group in enumerate(complaints.is_list(groups, f"{pointer}/option_groups", least=1, most=100)):
        where = f"{pointer}/option_groups/{index}"
        if complaints.is_object(group, where, ("label", "options"), ()):
            complaints.text_object(group["label"], f"{where}/label", most=75, plain_only=True)
            _options(complaints, group, where, 100, plain_only=True)


def _entity_select(complaints: Complaints, element: Mapping[str, Any], pointer: str) -> None:
    kinds = ("user", "conversation", "channel", "option")
    initial = tuple(f"initial_{kind}{plural}" for kind in kinds for plural in ("", "s"))
    extra = ("default_to_current_conversation", "response_url_enabled", "filter", "max_selected_items")
    complaints.is_object(element, pointer, ("type",), (*_COMMON, "placeholder", "min_query_length", *initial, *extra))
    _placeholder(complaints, element, pointer)


def _picker(complaints: Complaints, element: Mapping[str, Any], pointer: str) -> None:
    initial = ("initial_date", "initial_time", "initial_date_time", "timezone")
    complaints.is_object(element, pointer, ("type",), (*_COMMON, "placeholder", *initial))
    _placeholder(complaints, element, pointer)


def _text_input(complaints: Complaints, element: Mapping[str, Any], pointer: str) -> None:
    optional = ("initial_value", "multiline", "min_length", "max_length", "dispatch_action_config", "placeholder")
    complaints.is_object(element, pointer, ("type",), (*_COMMON, *optional))
    complaints.optional_string(element, "initial_value", pointer, most=3000)
    for bound in ("min_length", "max_length"):
        value = element.get(bound)
        if value is not None and not (isinstance(value, int) and 0 <= value <= 3000):
            complaints.add(f"{pointer}/{bound}", "must be less than 3001")
    complaints.optional_flags(element, ("multiline", "focus_on_load"), pointer)
    _placeholder(complaints, element, pointer)


def _number_input(complaints: Complaints, element: Mapping[str, Any], pointer: str) -> None:
    optional = ("initial_value", "min_value", "max_value", "dispatch_action_config", "placeholder")
    complaints.is_object(element, pointer, ("type", "is_decimal_allowed"), (*_COMMON, *optional))
    for bound in ("initial_value", "min_value", "max_value"):
        complaints.optional_string(element, bound, pointer, most=255, least=1)
    _placeholder(complaints, element, pointer)


def _file_input(complaints: Complaints, element: Mapping[str, Any], pointer: str) -> None:
    complaints.is_object(element, pointer, ("type",), ("action_id", "filetypes", "max_files"))


def _image(complaints: Complaints, element: Mapping[str, Any], pointer: str) -> None:
    if complaints.is_object(element, pointer, ("type", "alt_text"), ("image_url", "slack_file")):
        complaints.string(element["alt_text"], f"{pointer}/alt_text", most=2000, least=1)
    if ("image_url" in element) == ("slack_file" in element):
        complaints.add(pointer, "must define either image_url or slack_file")
    elif "image_url" in element:
        complaints.url(element["image_url"], f"{pointer}/image_url")


def _feedback_buttons(complaints: Complaints, element: Mapping[str, Any], pointer: str) -> None:
    if not complaints.is_object(element, pointer, ("type", "positive_button", "negative_button"), ("action_id",)):
        return
    for name in ("positive_button", "negative_button"):
        button, where = element[name], f"{pointer}/{name}"
        if complaints.is_object(button, where, ("text", "value"), ("accessibility_label",)):
            complaints.text_object(button["text"], f"{where}/text", most=75, plain_only=True)
            complaints.string(button["value"], f"{where}/value", most=2000, least=1)


def _icon_button(complaints: Complaints, element: Mapping[str, Any], pointer: str) -> None:
    optional = ("action_id", "value", "confirm", "accessibility_label", "visible_to_user_ids")
    if complaints.is_object(element, pointer, ("type", "icon", "text"), optional):
        complaints.one_of(element["icon"], f"{pointer}/icon", ("trash",))
        complaints.text_object(element["text"], f"{pointer}/text", most=75, plain_only=True)


ELEMENTS: dict[str, Callable[[Complaints, Mapping[str, Any], str], None]] = {
    "button": _button,
    "overflow": _overflow,
    "image": _image,
    "plain_text_input": _text_input,
    "email_text_input": _text_input,
    "url_text_input": _text_input,
    "number_input": _number_input,
    "file_input": _file_input,
    "feedback_buttons": _feedback_buttons,
    "icon_button": _icon_button,
    "static_select": _static_select,
    "multi_static_select": _static_select,
    **dict.fromkeys(CHOICES, _choices),
    **dict.fromkeys(PICKERS, _picker),
    **dict.fromkeys((SELECTS | MULTI_SELECTS) - {"static_select", "multi_static_select"}, _entity_select),
}
