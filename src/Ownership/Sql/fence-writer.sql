INSERT INTO fenced (writer_uuid, fenced) VALUES (@uuid, TRUE) ON CONFLICT (writer_uuid) DO UPDATE SET fenced = TRUE
