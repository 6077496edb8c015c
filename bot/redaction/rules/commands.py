"""Secrets on command lines, where only the command says what a flag or a place means. Read by `patterns`. RE2 syntax.

Each alternative has exactly one group, around what must not be seen.
"""

# ruff: noqa: E501 - a pattern is read as a whole

from __future__ import annotations

_LATER = r"\b[^\n|;]*?\s"
_WORD = r"[\"']?([^\s\"']+)"
_NO_FLAG = r"[\"']?([^\s\"'-][^\s\"']*)"
_STDIN = r"(?:--?(?:password|passphrase|token)-stdin|passwd --stdin|--passphrase-fd|sudo -S|--with-token|cryptsetup)"

COMMANDS = "|".join(
    (
        rf"\b(?:mysql(?:dump|admin|import|sh|check|slap|binlog)?|mariadb(?:-dump|-admin)?|7za?|unrar|rar){_LATER}-p{_WORD}",
        (
            r"\b(?:sshpass|mongo(?:sh|dump|restore|import|export|stat|top)?|psql|rabbitmqadmin|cypher-shell|cqlsh|twine|crane"
            rf"|regctl|oras|kcadm(?:\.sh)?|arangosh|nodetool|iisql){_LATER}-p[ =]?{_NO_FLAG}"
        ),
        rf"\b(?:redis-cli|redis-benchmark|valkey-cli|keydb-cli){_LATER}-a[ =]?{_WORD}",
        r"\bcurl\b[^\n|;]*?\s(?:-[a-zA-Z]{0,5}u|--user)[ =]{0,4}[\"']?([^\s:\"'/]{10,}):[xX]?[\"'\s]",
        (
            r"\b(?:curl|wget|http|ldapsearch|etcdctl|ctr|siege|ab)\b[^\n|;]*?\s"
            r"(?:-[a-zA-Z]{0,5}[uU]|--user|--proxy-user|--auth|-[Aa])[ =]{0,4}[\"']?[^\s:\"'/]*[\"']?:[\"']?([^\s\"']+)"
        ),
        r"\b(?:skopeo|buildah|podman|crictl|nerdctl|ctr)\b[^\n|;]*?\s--?(?:[a-z]+-)?(?:creds|user)[ =][\"']?[^\s:\"']+:([^\s\"']+)",
        rf"\b(?:docker|podman|nerdctl|helm registry|az|oc|argocd) login{_LATER}-p[ =]?{_WORD}",
        rf"\b(?:ldap(?:search|modify|add|passwd|delete|whoami)|kadmin|kinit){_LATER}-w[ =]?{_WORD}",
        rf"\b(?:sqlcmd|osql|tsql|bcp|ipmitool|mosquitto_(?:pub|sub)|unzip|zip|fly|impdp){_LATER}-P[ ]?{_NO_FLAG}",
        r"\b(?:smbclient|rpcclient|smbget|net rpc|wmic)\b[^\n|;]*?\s(?:-U|--user)[ =]?[\"']?[^\s%\"']+%([^\s\"']+)",
        r"\blftp\b[^\n|;]*?\s-u[ ]?[\"']?[^\s,\"']+,([^\s\"']+)",
        r"\bnet use\b[^\n|;]*?\s/user:\S+[ \t]+([^\s/\"']+)",
        rf"\bsnmp[a-z]+{_LATER}-[Ac][ ]?{_WORD}",
        r"\bnet use\b[^\n|;]*?\\\\[^\s\\]+\\\S+[ \t]+([^\s/\"'*]+)",
        r"\baddauth[ \t]+digest[ \t]+[^\s:]+:([^\s\"']+)",  # ZooKeeper
        r"(?i:\.logon[ \t]+[^\s,]+,)([^\s;\"']+)",  # Teradata
        r"\bdb2[^\n]*?\buser[ \t]+\S+[ \t]+using[ \t]+[\"']?([^\s\"']+)",
        rf"(?:^|\s)-setcookie[ \t]+{_NO_FLAG}",  # Erlang
        r"\bstats[ \t]+auth[ \t]+[^\s:]+:([^\s\"']+)",  # HAProxy
        rf"\s-x[ \t]+(?:AES|DES)\S*[ \t]+(?:-\w[ \t]+\S+[ \t]+){{0,2}}-X[ \t]*{_WORD}",
        rf"\bopenssl[ \t]+(?:enc|rsa|genrsa|aes|des3?)\S*{_LATER}-k[ \t]+{_WORD}",
        rf"\bssh-keygen{_LATER}-[NP][ \t]+{_WORD}",
        r"<\((?:echo|printf)[ \t]+(?:-\w[ \t]+|[\"']?%s[\"']?[ \t]+)?[\"']?([^\s)\"']+)",
        r"\d>[ \t]*AUTH[ \t]+(?:\S+[ \t]+)?[\"']?([^\s\"']{4,})[\"']?[ \t]*(?:\r?\n|$)",
        r"\b(?:ENV|SetEnv|setenv|setx|set -gx)[ \t]+\w*(?i:passw\w*|secret|token|api_?key|_pass|_pwd|_key)[ \t]+[\"']?([^\s\"'=]{4,})",
        rf"\b(?:rclone[ \t]+(?:obscure|reveal)|mkpasswd|caddy[ \t]+hash-password)[ \t]+(?:-\S+[ \t]+){{0,4}}{_NO_FLAG}",
        rf"\bwpa_passphrase[ \t]+\S+[ \t]+{_WORD}",
        rf"\b(?:vault|cargo|railway|bao) login[ \t]+(?:-\S+[ \t]+){{0,3}}{_NO_FLAG}",
        (
            rf"\b(?:aws configure set|npm config set|git config|pip config set|poetry config)[ \t]+(?:-\S+[ \t]+){{0,2}}"
            rf"\S*(?i:secret_access_key|session_token|password|token|_auth)(?:[ =]){_WORD}"
        ),
        (
            r"\brabbitmqctl[ \t]+(?:-\S+[ \t]+){0,4}(?:add_user|change_password|authenticate_user)[ \t]+\S+[ \t]+"
            r"[\"']?([^\s\"']+)"
        ),
        r"\bhtpasswd[ \t]+-\w*b\w*[ \t]+(?:\S+[ \t]+){1,2}?[\w.@-]+[ \t]+[\"']?([^\s\"']+)[\"']?(?:$|\n)",
        r"\bmc[ \t]+(?:alias[ \t]+set|config[ \t]+host[ \t]+add)[ \t]+\S+[ \t]+\S+[ \t]+\S+[ \t]+[\"']?([^\s\"']+)",
        r"\becho[ \t]+(?:-\w[ \t]+)?[\"']?[\w.-]+:([^\s\"'|]+)[\"']?[ \t]*\|[ \t]*(?:sudo[ \t]+)?chpasswd\b",
        rf"\b(?:echo|printf)[ \t]+(?:-\w[ \t]+|[\"']?%s[\"']?[ \t]+)?[\"']?([^\s\"'|]+)[\"']?[ \t]*\|[^\n|;]*{_STDIN}",
        r"(?i:pass\w*[-_]?(?:command|cmd|program)|askpass)[\"']?[ =:]+[\"']?(?:echo|printf)[ \t]+(?:-\w[ \t]+|[\"']?%s[\"']?[ \t]+)?[\"']?([^\s\"']+)",
        rf"{_STDIN}[^\n|;<]*<<<[ \t]*{_WORD}",
    )
)
