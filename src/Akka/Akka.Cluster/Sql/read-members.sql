SELECT address, uid, roles, status, previous_status, up_number, renewals, exiting_confirmed, version
FROM cluster_member
WHERE system_name = $1
