DELETE FROM journal
WHERE ordering IN (
    SELECT ordering
    FROM journal
    WHERE persistence_id = $1 AND sequence_number <= $2
        AND sequence_number < (SELECT MAX(sequence_number) FROM journal WHERE persistence_id = $1)
    ORDER BY sequence_number
    LIMIT 64)
