UPDATE journal SET deleted = TRUE, message = $1
WHERE persistence_id = $2 AND sequence_number <= $3 AND deleted = FALSE
