INSERT INTO fenced (writer_uuid, fenced) VALUES (@uuid, FALSE) ON CONFLICT (writer_uuid) DO NOTHING
