INSERT INTO snapshot (persistence_id, sequence_number, created, manifest, serializer_id, snapshot)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (persistence_id, sequence_number) DO UPDATE
SET created = excluded.created, manifest = excluded.manifest, serializer_id = excluded.serializer_id, snapshot = excluded.snapshot
