"""Policies: more of what reads as closed and is open, and the other way round."""

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import other_engine
from tests.nearmiss.variants.network import API, KUBE_SYSTEM, TIMED_OUT, egress, quiet
from tests.nearmiss.variants.ways import failing

ENGINES = (
    Variant("all egress is allowed", "ok", lambda w: w.policy("out", {}, "Egress", egress=[{}])),
    Variant(
        "all ingress is allowed beside one that denies",
        "ok",
        lambda w: w.policy("deny", {}, "Ingress").policy("in", {}, "Ingress", ingress=[{}]),
    ),
    Variant(
        "a range of ports that ends before the port, and calls time out",
        "fault",
        lambda w: failing(
            w.policy("in", API, "Ingress", ingress=[{"ports": [{"port": 8000, "endPort": 8079}]}]), TIMED_OUT
        ),
        ("network-policy-blocks",),
    ),
    Variant(
        "DNS by TCP alone, and names are not resolved",
        "fault",
        lambda w: failing(
            egress(w, {"to": [KUBE_SYSTEM], "ports": [{"port": 53, "protocol": "TCP"}]}),
            "[cause]: Error: getaddrinfo EAI_AGAIN api-server",
        ),
        ("network-policy-blocks", "dns-failing"),
    ),
    Variant(
        "the Service's port instead of the pod's, and calls time out",
        "fault",
        lambda w: failing(
            (w.service()["spec"]["ports"][0].update(port=80), w.url("http://api-server"))
            and w.policy("in", API, "Ingress", ingress=[{"ports": [{"port": 80}]}]),
            "[cause]: Error: connect ETIMEDOUT 172.30.234.137:80",
        ),
        ("network-policy-blocks",),
    ),
    Variant(
        "a policy for labels that only the template of the caller has",
        "ok",
        lambda w: (
            w.workload("web-server")["spec"]["template"]["metadata"]["labels"].update(tier="new"),
            quiet(w).policy("x", {"matchLabels": {"tier": "new"}}, "Egress"),
        ),
    ),
    Variant(
        "a policy that selects by an expression and lets the web server in",
        "ok",
        lambda w: w.policy(
            "in",
            API,
            "Ingress",
            ingress=[
                {
                    "from": [
                        {
                            "podSelector": {
                                "matchExpressions": [{"key": "app", "operator": "In", "values": ["web-server", "x"]}]
                            }
                        }
                    ]
                }
            ],
        ),
    ),
    Variant(
        "a policy that keeps the web server out by an expression, and calls time out",
        "fault",
        lambda w: failing(
            w.policy(
                "in",
                API,
                "Ingress",
                ingress=[
                    {
                        "from": [
                            {
                                "podSelector": {
                                    "matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web-server"]}]
                                }
                            }
                        ]
                    }
                ],
            ),
            TIMED_OUT,
        ),
        ("network-policy-blocks",),
    ),
    Variant(
        "another namespace is let in alone, and calls time out",
        "fault",
        lambda w: failing(
            w.policy("in", API, "Ingress", ingress=[{"from": [{"namespaceSelector": {"matchLabels": {"team": "x"}}}]}]),
            TIMED_OUT,
        ),
        ("network-policy-blocks",),
    ),
    Variant(
        "a policy that denies under Cilium, and nobody calls",
        "open",
        lambda w: other_engine(quiet(w), "CiliumIsUp").policy("in", API, "Ingress"),
    ),
    Variant(
        "a way that is open by the policies, but calls time out under Cilium",
        "open",
        lambda w: failing(other_engine(w, "CiliumIsUp"), TIMED_OUT),
        not_healthy=True,
    ),
    Variant(
        "a way that is open, and an authorization of Istio refuses",
        "open",
        lambda w: failing(w.container("api-server", template=False, name="istio-proxy"), "403 RBAC: access denied"),
        not_healthy=True,
    ),
    Variant(
        "a policy that denies all, and old calls only",
        "fault",
        lambda w: w.log("web-server", (7200, "GET /api/me 200 in 9ms")).policy("in", API, "Ingress"),
        ("network-policy-blocks",),
    ),
)
