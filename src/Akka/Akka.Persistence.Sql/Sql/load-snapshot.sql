SELECT sequence_number, created, serializer_id, manifest, snapshot
FROM snapshot
WHERE persistence_id = $1 AND sequence_number BETWEEN $2 AND $3 AND created BETWEEN $4 AND $5
ORDER BY sequence_number DESC
LIMIT 1
