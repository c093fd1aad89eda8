UPDATE cluster_member
SET status = 'Down', previous_status = status, version = version + 1
WHERE address = $1 AND uid = $2 AND version = $3 AND renewals = $4 AND status NOT IN ('Down', 'Removed')
    AND EXISTS (
        SELECT 1 FROM cluster_member AS decider
        WHERE decider.address = $5 AND decider.uid = $6 AND decider.status NOT IN ('Down', 'Removed'))
