SELECT state FROM node_lease WHERE uid = @uid
