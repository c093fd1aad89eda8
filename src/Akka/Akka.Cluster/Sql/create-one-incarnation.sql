CREATE UNIQUE INDEX IF NOT EXISTS cluster_member_one_incarnation ON cluster_member (address) WHERE status <> 'Removed'
