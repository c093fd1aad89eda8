-- A row that is gone means the same as one that is out.
DELETE FROM node_lease WHERE node_id = @node AND uid <> @uid AND state = 2
