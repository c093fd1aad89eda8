-- Every node's writer leaves its first event under an id of this form.
SELECT writer_uuid FROM journal WHERE persistence_id GLOB 'writer/*' AND writer_uuid <> @uuid
UNION
SELECT writer_uuid FROM fenced WHERE NOT fenced AND writer_uuid <> @uuid
EXCEPT
SELECT writer_uuid FROM fenced WHERE fenced
