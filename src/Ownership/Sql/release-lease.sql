DELETE FROM sql_lease WHERE name = @name AND node_uid = @me AND term = @term
