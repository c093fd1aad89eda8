DELETE FROM cluster_member
WHERE address = $1 AND uid <> $2 AND status = 'Removed'
    AND (up_number = 2147483647 OR up_number < (SELECT MAX(up_number) FROM cluster_member WHERE system_name = $3 AND up_number < 2147483647))
