UPDATE cluster_member
SET exiting_confirmed = 1, version = version + 1
WHERE address = $1 AND uid = $2 AND status = 'Exiting' AND exiting_confirmed = 0
