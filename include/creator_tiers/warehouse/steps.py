"""The models of a build, in the order in which they run."""

from __future__ import annotations

STEPS = (
    "stage.repeated_observations",
    "stage.observed_orders",
    "stage.changed_loads",
    "core.post_metrics",
    "stage.observed_posts",
    "stage.observed_accounts",
    "stage.observed_follower_days",
    "stage.previous_followers",
    "stage.previous_accounts",
    "stage.previous_placement_posts",
    "core.post_versions",
    "core.post_links",
    "core.account_versions",
    "core.follower_observations",
    "core.follower_counts",
    "core.accounts",
    "core.account_ids",
    "stage.changed_creators",
    "core.creators",
    "core.listed_campaigns",
    "core.listed_placements",
    "core.listed_placement_codes",
    "core.listed_placement_links",
    "core.listed_placement_posts",
    "core.campaigns",
    "core.placements",
    "core.placement_codes",
    "core.placement_links",
    "core.placement_posts",
    "stage.described_posts",
    "core.posts",
    "stage.changed_posts",
    "stage.left_cells",
    "marts.post_engagement",
    "stage.changed_cells",
    "marts.creator_engagement",
    "stage.compared_creators",
    "marts.branded_engagement",
    "marts.counter_falls",
    "marts.follower_jumps",
    "marts.disputed_posts",
    "marts.handle_changes",
    "core.order_versions",
    "stage.changed_orders",
    "core.orders",
    "core.order_codes",
    "stage.observed_sessions",
    "core.web_sessions",
    "stage.observed_events",
    "core.affiliate_events",
    "core.affiliate_references",
    "stage.observed_rates",
    "core.exchange_rates",
    "ops.export_files",
    "stage.claimed_orders",
    "core.claims",
    "core.attributions",
    "marts.order_fates",
    "marts.order_revenue",
    "marts.placement_posts",
    "marts.placement_clicks",
    "marts.leak_suspects",
    "marts.campaign_clocks",
    "marts.campaign_conversions",
    "marts.campaign_tier_conversions",
    "marts.campaign_totals",
    "marts.attribution_totals",
    "marts.contested_orders",
    "marts.undisclosed_posts",
    "marts.orphan_codes",
    "marts.campaign_niches",
    "marts.rebookings",
    "marts.spend_by_quarter",
    "ops.rejected_rows",
    "ops.validation_results",
)
"""The models in the order in which they run. The `previous_`, `left_` and `changed_loads` ones must look first."""

CONVERSION_STEPS = frozenset(
    STEPS[STEPS.index("core.listed_campaigns") : STEPS.index("stage.described_posts")]
    + STEPS[STEPS.index("core.order_versions") : STEPS.index("ops.export_files")]
    + STEPS[STEPS.index("stage.claimed_orders") : STEPS.index("ops.rejected_rows")]
    + ("stage.observed_orders", "stage.previous_placement_posts")
)
"""The models that have nothing to say before the first order, session, event, campaign or placement was received."""

LAST_OF_LOADING = "core.post_metrics"
"""The step that ends the loading of rows, for which little memory is enough; what follows looks at histories."""

SINCE = {
    "stage.observed_posts": "observed_since",
    "stage.described_posts": "described_since",
    "stage.changed_posts": "changed_since",
}
"""Windows of posts, and the parameter that tells when the first of them was observed for the first time.

Whoever looks for the posts in a long history passes over what it has before. A value does that on every engine; a
subquery leaves it to the planner, which may compare the keys first."""
