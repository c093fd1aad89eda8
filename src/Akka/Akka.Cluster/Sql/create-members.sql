CREATE TABLE IF NOT EXISTS cluster_member (
    system_name VARCHAR(255) NOT NULL,
    address VARCHAR(255) NOT NULL,
    uid BIGINT NOT NULL,
    roles TEXT NOT NULL,
    status VARCHAR(16) NOT NULL,
    previous_status VARCHAR(16) NOT NULL,
    up_number BIGINT NOT NULL,
    renewals BIGINT NOT NULL,
    exiting_confirmed BIGINT NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT cluster_member_pk PRIMARY KEY (address, uid))
