CREATE TABLE IF NOT EXISTS snapshot (
    persistence_id VARCHAR(255) NOT NULL,
    sequence_number INTEGER NOT NULL,
    created INTEGER NOT NULL,
    manifest VARCHAR(500),
    serializer_id INTEGER,
    snapshot BLOB NOT NULL,
    CONSTRAINT snapshot_pk PRIMARY KEY (persistence_id, sequence_number))
