-- Waits up to a second for each to have ended.
SELECT COUNT(*) FILTER (WHERE has_ended) FROM (
    SELECT pg_terminate_backend(pid, 1000) AS has_ended FROM pg_stat_activity
    WHERE application_name = @session AND datname = current_database() AND pid <> pg_backend_pid()) AS sessions
