-- A node's later start ends its earlier ones, whatever they do.
UPDATE node_lease SET state = 1 WHERE uid = @uid AND state = 0
