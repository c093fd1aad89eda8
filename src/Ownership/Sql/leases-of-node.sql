SELECT name, term FROM sql_lease WHERE node_uid = @me
