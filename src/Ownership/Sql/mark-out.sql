UPDATE node_lease SET state = 2 WHERE uid = @uid AND state = 1
