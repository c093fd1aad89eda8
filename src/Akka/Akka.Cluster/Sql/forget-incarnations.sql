DELETE FROM cluster_member
WHERE system_name = $1 AND status = 'Removed' AND NOT (address = $2 AND uid = $3)
    AND (up_number = 2147483647
        OR up_number < (SELECT MAX(up_number) FROM cluster_member WHERE system_name = $1 AND up_number < 2147483647) - CASE WHEN address = $2 THEN 0 ELSE 100 END)
