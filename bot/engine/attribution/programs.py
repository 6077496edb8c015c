"""Names of programs that people run, by which a log shows that it is another program's.

Only programs, never libraries and servers that many programs use (Postgres, Redis, Celery, nginx, SQLAlchemy…): those
say nothing about whose log it is. An app's own names, and those that its `marks.companions` lists, are no evidence.
"""

from __future__ import annotations

import re

_LIST = """
    activepieces adguard affine aider airbyte airflow anythingllm appsmith appwrite argocd authelia authentik
    autogpt backstage baserow berriai bitwarden bookstack budibase calcom chatui chatwoot comfyui concourse coolify
    dagster desec dify directus discourse docspell documenso drupal erpnext espocrm fastgpt firefly-iii flagsmith
    flowise forgejo formbricks frappe ghost gitea gitlab gotify grafana growthbook hasura hedgedoc home-assistant
    homeassistant hoppscotch infisical invidious jellyfin jenkins jupyterhub kafdrop karakeep keycloak khoj kimai
    koku kong label-studio langflow langfuse langgenius librechat linkding listmonk llamaindex lobe-chat lobechat
    lobehub localai mastodon matomo mattermost mealie medusa memos metabase minecraft miniflux mlflow moodle n8n
    netbox netdata nextcloud nocodb odoo onlyoffice open-webui open_webui opencart opendevin openhands openwebui
    opnsense outline owncloud pandasai paperless paperless-ngx peertube penpot photoprism phpmyadmin pihole
    pixelfed plane-so planka plausible posthog prefect prestashop privategpt quivr ragflow redash redmine
    rocketchat rundeck saleor semaphore sentry sharelatex shlink shopware sillytavern snipe-it sonarqube
    sourcegraph strapi supabase superset taiga tandoor teamcity temporal tolgee trino twenty umami unifi unleash
    vaultwarden vikunja wallabag weblate wekan wikijs windmill woocommerce wordpress zabbix zammad zitadel zulip
"""
_ENGLISH = """
    concourse ghost kong memos outline prefect semaphore temporal trino twenty unleash wekan plausible flagsmith
    backstage minecraft medusa mastodon hoppscotch windmill planka karakeep discourse
"""
_NAMES = tuple(_LIST.split())
_WORDS = frozenset(_ENGLISH.split())
"""Words of English too: they count only between the signs of a name or a path."""

_ALIKE = re.compile(r"[-_]")


def pattern_of_others(own: frozenset[str], others: frozenset[str]) -> str:
    """RE2 for the name of a program, as a word or a part of a name between `-`, `_` and `.`; one of its two groups.

    `own` names are left out; `others` are programs beside those that are listed here.
    """
    kept = {_ALIKE.sub("", name) for name in own}
    names = [name for name in {*_NAMES, *others} if _ALIKE.sub("", name) not in kept]
    whole = "|".join(
        re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)) if name not in _WORDS
    )
    parts = "|".join(sorted(_WORDS - kept))
    return rf"(?i)(?:^|[^A-Za-z0-9])({whole})(?:[^A-Za-z0-9]|$)|[/_-]({parts})[/_-]"
