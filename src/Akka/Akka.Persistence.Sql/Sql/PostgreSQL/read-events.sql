-- The sizes of values stored externally stand in their pointers, so that what exceeds $5 bytes is never read.
SELECT ordering, sequence_number, created, identifier, manifest, writer_uuid, message
FROM (
    SELECT *, SUM(octet_length(message)) OVER (ORDER BY sequence_number) - octet_length(message) AS before
    FROM (
        SELECT *
        FROM journal
        WHERE persistence_id = $1 AND sequence_number BETWEEN $2 AND $3 AND deleted = FALSE
        ORDER BY sequence_number
        LIMIT $4) AS fetched) AS measured
WHERE before < $5
ORDER BY sequence_number
