INSERT INTO journal (created, deleted, persistence_id, sequence_number, identifier, manifest, writer_uuid, message)
VALUES ($1, FALSE, $2, $3, $4, $5, $6, $7)
