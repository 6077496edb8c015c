"""Words that announce a secret which stands apart from them: in objects, forms, elements; in sentences. Read by `patterns`
and `scan`. RE2 syntax, bytes.
"""

# ruff: noqa: E501 - a pattern is read as a whole

from __future__ import annotations

from bot.redaction.rules.names import ANY_NAME

IN_OBJECTS: tuple[tuple[str, str], ...] = (
    (
        "password",
        rf"(?i:{ANY_NAME})\d?\\*\"?[ \t]*[=:][ \t]*\\*\"[^\"\n]*\"[ \t]*->[ \t]*\\*\"([^\"\n]+)\"",
    ),  # Terraform
    (
        "password",  # a value in an object of its own
        (
            rf"(?i:{ANY_NAME})\d?\\*\"[ \t]*:\s{{0,20}}\{{[^{{}}]{{0,80}}?\\*\"(?i:value|plain(?:text)?|string_?value)\\*\"[ \t]*:[ \t]*"
            r"\\*\"([^\"\\\n]+)"
        ),
    ),
    (
        "password",  # a form's part
        rf"(?i:name=\\?\"[\w.-]*(?:{ANY_NAME}))\\?\"(?:\r?\n|\\r\\n|\\n){{2}}([^\r\n\\]+)",
    ),
    (
        "password",  # the value first, then its name
        (
            r"(?i:[\"']value\\*[\"'][ \t]*:[ \t]*\\*[\"'])([^\"'\\\n]+)\\*[\"'][ \t]*,\s{0,20}\\*[\"']"
            rf"(?i:(?:name|key)\\*[\"'][ \t]*:[ \t]*\\*[\"'][\w.-]*?(?:{ANY_NAME})\d{{0,2}})\\*[\"']"
        ),
    ),
    (
        "password",  # an element with the name as an attribute, and Apple's property lists
        (
            rf"(?i:(?:name|key|id)=\\?[\"'][\w.-]*(?:{ANY_NAME})\d{{0,2}}\\?[\"'][^>\n]{{0,80}}>|<key>[\w.-]*(?:{ANY_NAME})</key>\s{{0,8}}<string>)"
            r"([^<\n]{3,})<"
        ),
    ),
    (
        "password",  # Erlang's and Elixir's pairs
        rf"\{{[ \t]*:?(?i:[\w.-]*(?:{ANY_NAME})),[ \t]*(?:<<)?\\*\"([^\"\\\n]{{4,}})\\*\"",
    ),
    (
        "password",  # a variable of Terraform
        rf"(?i:\bvariable[ \t]+\"[\w-]*(?:{ANY_NAME}))\"[ \t]*\{{[^{{}}]{{0,300}}?\bdefault[ \t]*=[ \t]*\"([^\"\n]+)\"",
    ),
)
"""The same where a name and its value stand apart: in objects, forms, elements. Slow: each is an automaton of its own."""
IN_PROSE: tuple[tuple[str, str], ...] = (
    (
        "next",  # root credentials: minioadmin / X
        (
            r"(?i:\b(?:credentials?|creds|log_?in|user(?:name)?[ ]?/[ ]?pass(?:word)?)\b)[ \t]*[:=]?[ \t]*"
            r"[\w.@-]{1,60}(?:[ \t]+/[ \t]+|:)[\"'`]?([^\s\"'`,;()<>{}\[\]:=]{10,}={0,2})"
        ),
    ),
    (
        "named",  # the password is: X; one-time token to log in: X; the secret for bob: X, also on the next lines
        (
            r"(?i:\b(?:pass(?:word|phrase|code)|token|secret|api[ _-]?key|key share|credentials?))"
            r"(?:[ \t]+[(\[\"'`]{0,2}[\w@.'/-]{1,60}[)\]\"'`]{0,2}){0,9}?(?:[ \t]*:[ \t]*(?:\r?\n(?:[\w.-]{1,40}[ \t]*\|)?[ \t\r]*){0,3}|[ \t]+(?i:is|was|are)[ \t]+)[\"'`(]?([^\s\"'`,;()<>{}\[\]]{10,})"
        ),
    ),
    (
        "next",  # with password X; using API token X; bad api key X; LINODE_TOKEN X
        (
            r"(?i:(?:\b|[A-Z0-9]_)(?:pass(?:word|phrase|code)?|token|secret|api[ _-]?key|key share|credentials))"
            r"(?:[ \t]+(?i:is|was|used|share))?[ \t]+[\"'`(]?([^\s\"'`,;()<>{}\[\]:=]{10,}={0,2})"
        ),
    ),
    (
        "next",  # access key X, admin key X, private key X: a key that somebody holds, not one of a table or a cache
        (
            r"(?i:\b(?:api|access|account|admin|app|application|auth|client|encryption|functions?|host|instrumentation|subscription|ingest(?:ion)?|integration|license|master"
            r"|personal|private|root|secret|server|service|shared|signing|storage|write)"
            r"[ _-]?(?:key|token|secret|license)|\b[A-Z0-9_]{1,40}_KEY)(?:[ \t]+(?i:is|was|used))?[ \t]*[:=]?[ \t]+"
            r"[\"'`(]?([^\s\"'`,;()<>{}\[\]=]{10,}={0,2})"
        ),
    ),
    (
        "next",  # secret_key_base X; decrypting with key X
        (
            rf"(?i:\b[a-z0-9]+[_.-](?:[a-z0-9]+[_.-]){{0,4}}(?:{ANY_NAME})|(?:\b(?:en|de)crypt[a-z]*|\bcipher|\bhmac|\baes[a-z0-9-]*)\b[^\n]{{0,60}}?\bkey"
            r"(?:[ \t]+\([\w -]{2,12}\))?[ \t]*[:=]?)[ \t]+"
            r"[\"'`(]?([^\s\"'`,;()<>{}\[\]:=]{16,}={0,2})"
        ),
    ),
    (
        "next",  # any other scheme: GenieKey X, NTLM X, PVEAPIToken=bot!x=X
        (
            r"(?i:\b(?:proxy-)?authorization)[\"'\\\]]*[ \t]{0,4}[:=,][ \t]*[b\"'\\(\[]*[A-Za-z][\w-]{1,30}[ =]+(?:[\w.@!-]{1,40}=)?"
            r"[\"'\\]*([^\s\"'`,;()<>{}\[\]\\]{16,})"
        ),
    ),
    (
        "next",  # snyk auth X, vault operator unseal X, ngrok authtoken X
        (
            r"\b[a-z][\w.-]{1,20}[ \t]+(?:operator |config |agent )?(?:unseal|auth|authtoken|add-authtoken|authenticate|set-token|login)"
            r"[ \t]+(?:--?[a-z-]+[= ])?[\"']?([A-Za-z0-9+/_.=-]{20,})"
        ),
    ),
    ("next", r"(?i:\bAUTH(?:[ \t]+[\w.-]{1,30})?)[ \t]+[\"'`]?([^\s\"'`,;()<>{}\[\]:=]{16,}={0,2})"),
    (
        "next",  # X is the vendor's key
        (
            r"(?:^|[\s\"'`(])([A-Za-z0-9+/_-]{20,}={0,2})[\"'`]?[ \t]+(?:is|was)[ \t]+(?:the|its|my|your|our|their|an?)[ \t]+(?:(?:new|old|current|prod\w*|staging|live|test|vendor(?:'s)?"
            r"|api|access|auth|bot|deploy|admin|root|master|secret|service|private|shared|licen[sc]e|right|correct|real|actual)[ \t]+){0,3}"
            r"(?i:token|password|secret|key)\b"
        ),
    ),
    (
        "next",  # X as token
        (
            r"(?:^|[\s\"'`(=:])([A-Za-z0-9+/_-]{20,}={0,2})[\"'`]?[ \t]+as[ \t]+(?:(?:a|an|the|its|my|your|api|access)[ \t]+){0,2}"
            r"(?i:token|password|secret|key)\b"
        ),
    ),
)
"""Secrets in sentences. The value must look as if it came by chance (`judge.looks_random`)."""
