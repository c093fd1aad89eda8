SELECT writer_uuid FROM journal WHERE persistence_id = @pid AND sequence_number = @number
