DELETE FROM sql_lease WHERE node_uid = @me
