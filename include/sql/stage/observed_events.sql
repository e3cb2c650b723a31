SELECT DISTINCT event_key
FROM stage.affiliate_events
