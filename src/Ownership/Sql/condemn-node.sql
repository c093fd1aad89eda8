-- Only by a node whose own row is live, and only if the counter is the one under which the owner was judged.
UPDATE node_lease SET state = 1
WHERE uid = @uid AND state = 0 AND counter = @counter AND EXISTS (SELECT 1 FROM node_lease AS mine WHERE mine.uid = @me AND mine.state = 0)
