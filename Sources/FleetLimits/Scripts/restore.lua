-- Counts a worker's calls again after Redis lost them. ARGV: the calls of recount.lua. Returns {epoch, now in ms}: a
-- call's cell is the one of its start.

local epoch = fields['epoch']
if not epoch then return {'', 0} end
recount(1)
save()
return {epoch, now}
