SELECT DISTINCT session_key
FROM stage.web_sessions
