-- term: which of its owner's acquisitions it is, so that a release that comes late ends no later one.
CREATE TABLE IF NOT EXISTS sql_lease (
    name VARCHAR(255) NOT NULL PRIMARY KEY,
    node_uid BIGINT NOT NULL,
    writer_uuid VARCHAR(128) NOT NULL,
    term BIGINT NOT NULL)
