CREATE INDEX IF NOT EXISTS journal_sequence_number_idx ON journal (sequence_number)
