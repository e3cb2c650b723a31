"""The names of a report's cells.

* `<platform>/<kind group>/<metric>/<tier>-<tier>`: a ratio of the tier comparison. The kind group may be left out, or
  be `all`, where the platform has only one; `er_reach` stands for `er_reach_settled`; `..._branded` and `..._own` are
  the ratios over branded or own posts; tiers are the five, `small` and `rest`, in either order.
* `<claim>` or `<claim>/<scope>`, such as `C1` or `C1/instagram`: the ratio that the claim about creator rates rests on.
* `campaign/<campaign>/<measure>` and `campaign/<campaign>/<account>/<measure>`: a figure of a campaign, or of one
  account (`platform:handle`) in it. Measures: see `CAMPAIGN_MEASURES`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from creator_tiers.errors import ContractError

KIND_GROUPS: dict[str, tuple[str, ...]] = {
    "instagram": ("feed",),
    "facebook": ("feed",),
    "tiktok": ("video",),
    "youtube": ("video", "short"),
}
"""Platform -> the kind groups that are compared."""

METRICS = ("er_followers_settled", "er_reach_settled", "er_views_settled")
SUBSETS = ("all", "branded", "own")
TIERS = ("nano", "micro", "mid", "macro", "mega", "small", "rest")

ORDERS = (
    "orders_gross",
    "orders_contested",
    "orders_duplicate",
    "orders_cancelled",
    "orders_refunded",
    "orders_excluded",
    "orders_net",
)
COSTS = ("cost_fee", "cost_loaded", "hours_spent")
CAMPAIGN_MEASURES = (*ORDERS, "revenue_net", *COSTS)

_CLAIM = re.compile(r"(?P<claim>[Cc]\d+)(?:/(?P<scope>[^/]+))?")


@dataclass(frozen=True, slots=True)
class RatioCell:
    """A row of `marts.tier_comparison`; `tier_a` is the smaller tier."""

    platform: str
    kind_group: str
    metric: str
    tier_a: str
    tier_b: str
    subset: str = "all"

    @property
    def name(self) -> str:
        """The cell's full name."""
        return f"{self.platform}/{self.kind_group}/{self.reported_metric}/{self.tier_a}-{self.tier_b}"

    @property
    def reported_metric(self) -> str:
        """The metric as `marts.tier_comparison` names it."""
        return self.metric if self.subset == "all" else f"{self.metric}_{self.subset}"


@dataclass(frozen=True, slots=True)
class CampaignCell:
    """A figure of a campaign; `path` is what stands between `campaign/` and the measure."""

    path: str
    measure: str

    @property
    def name(self) -> str:
        """The cell's full name."""
        return f"campaign/{self.path}/{self.measure}"


def parse_cell(text: str) -> RatioCell | CampaignCell:
    """The cell of a name.

    Raises:
        ContractError: no cell is called so; the message says what cells are called.
    """
    said = text.strip().strip("/")
    if match := _CLAIM.fullmatch(said):
        return _of_claim(match["claim"].upper(), match["scope"])
    first, *others = said.split("/")
    if first == "campaign":
        return _of_campaign(others, said)
    if first.lower() in KIND_GROUPS and len(others) in (2, 3):
        kind_group = others[0].lower() if len(others) == 3 else "all"
        return _ratio(first.lower(), kind_group, others[-2].lower(), others[-1].lower(), said)
    raise ContractError(
        f"No cell is called {text!r}; write it like instagram/feed/er_followers_settled/micro-mega, C1 or "
        "campaign/<campaign>/orders_net"
    )


def _ratio(platform: str, kind_group: str, metric: str, pair: str, said: str) -> RatioCell:
    groups = KIND_GROUPS[platform]
    if kind_group == "all" and len(groups) == 1:
        kind_group = groups[0]
    if kind_group not in groups:
        raise ContractError(f"{said}: the kind groups of {platform} are {', '.join(groups)}")
    subset = next((one for one in SUBSETS[1:] if metric.endswith(f"_{one}")), "all")
    bare = metric.removesuffix(f"_{subset}")
    full = bare if bare.endswith("_settled") else f"{bare}_settled"
    if full not in METRICS:
        raise ContractError(f"{said}: the metrics are {', '.join(METRICS)}, each also with _branded or _own")
    tiers = sorted(pair.split("-"), key=lambda tier: TIERS.index(tier) if tier in TIERS else -1)
    is_pooled = set(tiers) == {"small", "rest"}
    if (
        len(set(tiers)) != 2
        or not set(tiers) <= set(TIERS)
        or bool({"small", "rest"} & set(tiers)) != is_pooled
    ):
        raise ContractError(f"{said}: the tiers are two of {', '.join(TIERS[:5])}, or small-rest")
    return RatioCell(platform, kind_group, full, tiers[0], tiers[1], subset)


def _of_claim(claim_id: str, scope: str | None) -> RatioCell:
    from creator_tiers.comparison.claims import load_claims

    claims = {claim.claim_id: claim for claim in load_claims()}
    if claim_id not in claims:
        raise ContractError(f"There is no claim {claim_id}; there are {', '.join(claims)}")
    claim = claims[claim_id]
    if claim.judge != "tiers":
        raise ContractError(
            f"{claim_id} is not about creator rates: trace the figures of its campaigns, campaign/<campaign>/orders_net"
        )
    scopes = {one.scope: one for one in claim.scopes}
    found = scopes.get(scope) if scope else claim.scopes[0]
    if found is None:
        raise ContractError(f"{claim_id} is judged on {', '.join(scopes)}, not on {scope}")
    pair = f"{claim.tier_a}-{claim.tier_b}"
    return _ratio(found.platform, found.kind_group, claim.metric, pair, claim_id)


def _of_campaign(parts: list[str], said: str) -> CampaignCell:
    if len(parts) < 2 or parts[-1] not in CAMPAIGN_MEASURES:
        raise ContractError(
            f"{said}: write it like campaign/<campaign>/<measure>; the measures are {', '.join(CAMPAIGN_MEASURES)}"
        )
    return CampaignCell("/".join(parts[:-1]), parts[-1])
