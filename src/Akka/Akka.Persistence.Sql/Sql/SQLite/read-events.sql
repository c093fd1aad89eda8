-- The message itself is read by row: its length stands in the row's header and costs nothing.
SELECT ordering, sequence_number, created, identifier, manifest, writer_uuid, length(message)
FROM journal
WHERE persistence_id = $1 AND sequence_number BETWEEN $2 AND $3 AND deleted = FALSE
ORDER BY sequence_number
LIMIT $4
