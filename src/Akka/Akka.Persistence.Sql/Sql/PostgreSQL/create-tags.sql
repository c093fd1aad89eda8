CREATE TABLE IF NOT EXISTS tags (
    ordering_id BIGINT NOT NULL,
    tag VARCHAR(64) NOT NULL,
    persistence_id VARCHAR(255) NOT NULL,
    sequence_nr BIGINT NOT NULL,
    CONSTRAINT tags_pk PRIMARY KEY (ordering_id, tag))
