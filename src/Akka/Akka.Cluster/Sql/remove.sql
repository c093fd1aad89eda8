UPDATE cluster_member
SET status = 'Removed', previous_status = status, version = version + 1
WHERE address = $1 AND uid = $2 AND version = $3 AND status IN ('Exiting', 'Down')
