SELECT ordering, sequence_number, created, identifier, manifest, writer_uuid, message
FROM journal
WHERE persistence_id = $1 AND sequence_number BETWEEN $2 AND $3 AND deleted = FALSE
ORDER BY sequence_number
LIMIT $4
