SELECT COALESCE(MAX(sequence_number), 0) FROM journal WHERE persistence_id = $1
