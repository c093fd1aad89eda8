SELECT pg_notify('cluster_member', $1)
