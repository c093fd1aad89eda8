CREATE UNIQUE INDEX IF NOT EXISTS cluster_member_one_age ON cluster_member (system_name, up_number) WHERE up_number < 2147483647
