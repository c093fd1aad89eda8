SELECT l.node_uid, n.state FROM sql_lease AS l LEFT JOIN node_lease AS n ON n.uid = l.node_uid WHERE l.name = @name
