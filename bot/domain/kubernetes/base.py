"""What all our Kubernetes models share: tolerance, labels, times, identity, selectors and conditions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel


class KubernetesModel(BaseModel):
    """Base: frozen, tolerant of unknown fields, and of null where a default exists."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, alias_generator=to_camel, coerce_numbers_to_str=True
    )

    @model_validator(mode="before")
    @classmethod
    def _null_means_default(cls, data: Any) -> Any:
        if isinstance(data, dict) and None in data.values():  # copied only where it must be: most objects have none
            return {key: value for key, value in data.items() if value is not None}
        return data


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict) and not all(isinstance(item, str) for item in value.values()):
        return {str(key): "" if item is None else str(item) for key, item in value.items()}
    return value


Labels = Annotated[dict[str, str], BeforeValidator(_without_nulls)]
"""Label or annotation map; values are strings, whatever a broken writer put there."""

IntOrString = int | str


def _plausible(moment: datetime | None) -> datetime | None:
    if moment is None or not 2000 <= moment.year < 2200:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


Moment = Annotated[datetime | None, AfterValidator(_plausible)]
"""A time, aware of its zone. One that no cluster can have lived (Go's zero time, a broken clock) counts as unknown."""


class OwnerReference(KubernetesModel):
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class ObjectMeta(KubernetesModel):
    """Identity of an object: name, owner, labels and times."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    labels: Labels = Field(default_factory=dict)
    annotations: Labels = Field(default_factory=dict)
    creation_timestamp: Moment = None
    deletion_timestamp: Moment = None
    owner_references: tuple[OwnerReference, ...] = ()
    finalizers: tuple[str, ...] = ()

    @property
    def controller(self) -> OwnerReference | None:
        """The owner that manages this object, if any."""
        return next((owner for owner in self.owner_references if owner.controller), None)


class Condition(KubernetesModel):
    """A status condition of a Pod, Deployment or Node. `status` is "True", "False" or "Unknown"."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: Moment = None


class LabelSelectorRequirement(KubernetesModel):
    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()


class LabelSelector(KubernetesModel):
    """Kubernetes' label selector. An empty one matches everything."""

    match_labels: Labels = Field(default_factory=dict)
    match_expressions: tuple[LabelSelectorRequirement, ...] = ()

    def matches(self, labels: dict[str, str]) -> bool:
        """Whether these labels satisfy every term of the selector."""
        if any(labels.get(key) != value for key, value in self.match_labels.items()):
            return False
        return all(_requirement_holds(term, labels) for term in self.match_expressions)


def _requirement_holds(term: LabelSelectorRequirement, labels: dict[str, str]) -> bool:
    match term.operator:
        case "In":
            return labels.get(term.key) in term.values
        case "NotIn":
            return labels.get(term.key) not in term.values
        case "Exists":
            return term.key in labels
        case "DoesNotExist":
            return term.key not in labels
        case _:
            return False
