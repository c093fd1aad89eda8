UPDATE cluster_member
SET status = 'Removed', previous_status = 'Down', version = version + 1
WHERE address = $1 AND uid <> $2 AND status <> 'Removed'
