-- state: 0 live, 1 condemned (renewals refused), 2 out (sessions ended, writer fenced).
CREATE TABLE IF NOT EXISTS node_lease (
    uid BIGINT NOT NULL PRIMARY KEY,
    node_id INTEGER NOT NULL,
    endpoint VARCHAR(255) NOT NULL,
    session_name VARCHAR(63) NOT NULL,
    writer_uuid VARCHAR(128) NOT NULL,
    counter BIGINT NOT NULL,
    state INTEGER NOT NULL)
