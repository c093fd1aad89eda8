UPDATE cluster_member
SET status = 'Up', previous_status = status, version = version + 1,
    up_number = (SELECT COALESCE(MAX(other.up_number), 0) + 1 FROM cluster_member AS other WHERE other.system_name = $1 AND other.up_number < 2147483647)
WHERE address = $2 AND uid = $3 AND version = $4 AND status = 'Joining'
