SELECT COUNT(*) FROM fenced WHERE writer_uuid = @uuid AND fenced
