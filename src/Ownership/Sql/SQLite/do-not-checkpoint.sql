-- A checkpoint syncs the disk; no renewal is to wait for that.
PRAGMA wal_autocheckpoint = 0
