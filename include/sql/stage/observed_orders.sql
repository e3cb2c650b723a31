SELECT DISTINCT order_key
FROM stage.orders
