SELECT DISTINCT writer_uuid FROM journal WHERE persistence_id = @pid AND writer_uuid <> @uuid
EXCEPT
SELECT writer_uuid FROM fenced WHERE fenced
