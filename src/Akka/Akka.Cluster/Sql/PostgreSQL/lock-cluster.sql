SELECT pg_advisory_xact_lock(470211123, hashtext($1))
