INSERT INTO cluster_member (system_name, address, uid, roles, status, previous_status, up_number, renewals, exiting_confirmed, version)
VALUES ($1, $2, $3, $4, 'Joining', 'Joining', 2147483647, 0, 0, 0)
ON CONFLICT DO NOTHING
