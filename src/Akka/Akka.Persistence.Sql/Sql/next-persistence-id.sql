SELECT persistence_id FROM journal WHERE persistence_id > $1 ORDER BY persistence_id LIMIT 1
