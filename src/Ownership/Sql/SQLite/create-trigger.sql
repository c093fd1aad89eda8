CREATE TRIGGER IF NOT EXISTS journal_fence BEFORE INSERT ON journal
WHEN EXISTS (SELECT 1 FROM fenced WHERE writer_uuid = NEW.writer_uuid AND fenced)
BEGIN
    SELECT RAISE(ABORT, 'the journal writer is fenced');
END
