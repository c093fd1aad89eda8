UPDATE cluster_member
SET status = 'Down', previous_status = status, version = version + 1
WHERE system_name = $1 AND address = $2 AND status NOT IN ('Down', 'Removed')
