-- Begins a new epoch, or completes one, with what the ledger says was used in the last minute.
--
-- It is read twice: at the beginning, and after the grace in which workers count their own calls again. Whoever died
-- shortly before or meanwhile shows by then, and what was over but not written yet is in the ledger.
--
-- ARGV: known epoch (empty: none), name of a new one, grace ms, then the calls of recount.lua. Does nothing if the
-- epoch is not the known one.

if (fields['epoch'] or '') ~= ARGV[1] or fields['complete'] then return 0 end
if ARGV[1] == '' then
    local start = now + tonumber(ARGV[3])
    put('epoch', ARGV[2]) put('server', server) put('blocked', start) put('begun', start)
    redis.call('DEL', KEYS[3])
end
recount(4)
if now >= number('begun') then put('complete', 1) end
save()
return 1
