UPDATE cluster_member
SET renewals = renewals + 1
WHERE address = $1 AND uid = $2 AND status NOT IN ('Down', 'Removed')
