CREATE TABLE IF NOT EXISTS snapshot (
    persistence_id VARCHAR(255) COLLATE "C" NOT NULL,
    sequence_number BIGINT NOT NULL,
    created BIGINT NOT NULL,
    manifest VARCHAR(500),
    serializer_id INTEGER,
    snapshot BYTEA NOT NULL,
    CONSTRAINT snapshot_pk PRIMARY KEY (persistence_id, sequence_number))
