UPDATE node_lease SET counter = counter + 1 WHERE uid = @uid AND state = 0
