SELECT COUNT(*), COALESCE(SUM(LENGTH(message)), 0), COALESCE(MIN(sequence_number), 0), COALESCE(MAX(sequence_number), 0)
FROM journal WHERE persistence_id = @pid AND deleted = FALSE
