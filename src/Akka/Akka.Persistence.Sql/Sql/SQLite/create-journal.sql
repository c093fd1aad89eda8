-- The blob stands last: SQLite reads a row's columns in order, and what stands after a large blob lies pages away.
CREATE TABLE IF NOT EXISTS journal (
    ordering INTEGER NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL,
    persistence_id VARCHAR(255) NOT NULL,
    sequence_number INTEGER NOT NULL,
    identifier INTEGER,
    manifest VARCHAR(500),
    writer_uuid VARCHAR(128),
    message BLOB NOT NULL,
    CONSTRAINT journal_uq UNIQUE (persistence_id, sequence_number))
