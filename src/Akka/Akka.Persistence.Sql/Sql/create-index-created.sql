CREATE INDEX IF NOT EXISTS journal_created_idx ON journal (created)
