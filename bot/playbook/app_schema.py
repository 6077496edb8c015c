"""What a playbook of the kind `app` may say: components, routes, how to find them, what tells its log from others."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bot.playbook.schema_names import Glob, Identifier, Pattern, SchemaVersion, Sentence, Strings, Title
from bot.yamlfile.model import Strict


class Finder(Strict):
    """One way to find a component's workload in a namespace. All that is given must hold; ways are tried in order.

    `labels`: the pod template has these labels. `container`: one of its containers has this name. `name`: the
    workload's name. `image`: a container's image. `command`: some word of a container's command. `service`: the Service
    whose selector picks it has this name. `route`: it is what the URL of this route leads to.
    """

    labels: dict[str, str] | None = None
    container: Glob | None = None
    name: Glob | None = None
    image: Glob | None = None
    command: Glob | None = None
    service: Glob | None = None
    route: Identifier | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Finder:
        if not self.model_fields_set:
            raise ValueError("says nothing: give labels, container, name, image, command, service or route")
        return self


Importance = Literal["essential", "background", "degrades"]


class Component(Strict):
    """A part of the app. `role: service` gets every generic workload cause; `role: dependency` is judged as up or down.

    `port` is what its process listens on, `health` the path of a health endpoint. `log_names` are globs of pod,
    container or compose names in log prefixes. The `…_when_log_says` patterns read its own log, except
    `unreachable_when_log_says` of a dependency, which reads the logs of the components in `needed_by`.
    `host_env` names the variables of those components that hold the dependency's host. `keeps_sessions`: logins live
    there, so its restart logs people out. `proves` names the dependencies that `health` asks too; without, it shows
    that the process answers, and nothing of what that needs. `importance`: nobody is served without an `essential` one,
    work in the `background` stands still, or the app `degrades`; `without` says what does not work then.
    """

    label: Title
    role: Literal["service", "dependency"] = "service"
    importance: Importance = "essential"
    without: str = Field(default="", max_length=200)
    find: Annotated[tuple[Finder, ...], Field(min_length=1, strict=False)]
    port: int | None = Field(default=None, ge=1, le=65535)
    health: str | None = Field(default=None, pattern=r"^/")
    proves: Annotated[tuple[Identifier, ...], Field(strict=False)] = ()
    services: Annotated[tuple[Glob, ...], Field(strict=False)] = ()
    log_names: Annotated[tuple[Glob, ...], Field(strict=False)] = ()
    begins_when_log_says: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    started_when_log_says: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    overloaded_when_log_says: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    unreachable_when_log_says: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    needed_by: Annotated[tuple[Identifier, ...], Field(strict=False)] = ()
    host_env: Annotated[tuple[str, ...], Field(strict=False)] = ()
    keeps_sessions: bool = False


class Entrance(Strict):
    """The path by which browsers call the called component, under the host of the caller's page.

    `missed_as` are symptoms that tell that nothing leads it there; only then Ingresses are read.
    """

    path: str = Field(pattern=r"^/")
    missed_as: Annotated[tuple[Identifier, ...], Field(min_length=1, strict=False)]


class Route(Strict):
    """One component calls another at the URL in an environment variable.

    The causes of the `primary` route have plain ids (`service-missing`); those of the others start with the route's
    name. `default`: the URL that the program uses where the variable is not set; `default_source` says where that is
    written. `passes_on` are globs of the paths in the caller's log that lead to the called one: what the caller answers
    on others proves nothing.
    """

    label: Title
    from_: Identifier = Field(alias="from")
    to: Identifier
    env: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    primary: bool = False
    default: str = Field(default="", max_length=500)
    default_source: str = Field(default="", max_length=500)
    passes_on: Annotated[tuple[Glob, ...], Field(strict=False)] = ()
    entrance: Entrance | None = None


class OtherWorkload(Strict):
    """A workload of a release that has no route or health of its own here: its name, and what it is for.

    `names` are globs of its name or of the label `app`. `importance` and `without` as in a component.
    """

    label: Title
    names: Annotated[tuple[Glob, ...], Field(min_length=1, strict=False)]
    importance: Importance = "degrades"
    without: str = Field(default="", max_length=200)


class Versions(Strict):
    """Which versions of a component show the error (a range such as `<2.7.0`), and which one no longer does."""

    component: Identifier
    affected: str
    fixed_in: str | None = None
    advice: str = Field(default="", max_length=400)


class Marks(Strict):
    """What shows in a log that it is this app's.

    `texts`: patterns of what only this app prints: module paths, its own sentences, its format of log lines. `names`:
    globs of pods, containers, images, charts and Services that only this app has; `usual`: globs of those that it has
    and others may have too. `code`: patterns of paths where its code may lie too, although others' may as well.
    `companions`: programs that it speaks of or runs beside. `runtimes`: which of java, php, ruby, perl, rust and
    dotnet it has parts in; errors in the words of the others are not its.
    """

    texts: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    names: Annotated[tuple[Glob, ...], Field(strict=False)] = ()
    usual: Annotated[tuple[Glob, ...], Field(strict=False)] = ()
    code: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    companions: Strings = ()
    runtimes: Annotated[tuple[Literal["java", "php", "ruby", "perl", "rust", "dotnet"], ...], Field(strict=False)] = ()


class AppPlaybook(Strict):
    """`kind: app`: an application, its components and the routes between them."""

    schema_: SchemaVersion = Field(alias="schema")
    kind: Literal["app"]
    id: Identifier
    title: Title
    description: Sentence
    namespaces: Annotated[tuple[Glob, ...], Field(strict=False)] = ()
    components: dict[Identifier, Component] = Field(min_length=1)
    routes: dict[Identifier, Route] = Field(default={})
    others: dict[Identifier, OtherWorkload] = Field(default={})
    marks: Marks = Marks()
    references: Strings = ()
