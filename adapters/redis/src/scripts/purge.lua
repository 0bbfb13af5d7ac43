-- Takes rows of a part that have expired out of its indexes, at most `most` of them (-1: all). Gives how many, and how many it
-- looked at.
local function purge(part, most)
  local expiry, entries = part .. '/expiry', part .. '/entries'
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  -- A key is there until the millisecond after the one that it expires at.
  local due = redis.call('ZRANGE', expiry, '-inf', string.format('(%.0f', now), 'BYSCORE', 'LIMIT', 0, most)
  local purged = 0
  for _, key in ipairs(due) do
    local row = part .. ':' .. key
    local at = redis.call('PEXPIRETIME', row)
    if at >= now then
      -- Another program has made it live longer.
      redis.call('ZADD', expiry, at, key)
    else
      if at ~= -1 then
        local packed = redis.call('HGET', entries, key)
        local list = packed and cmsgpack.unpack(packed) or {}
        for place = 1, #list, 2 do
          redis.call('ZREM', part .. list[place], list[place + 1])
        end
        redis.call('DEL', row)
        purged = purged + 1
      end
      redis.call('HDEL', entries, key)
      redis.call('ZREM', expiry, key)
    end
  end
  return purged, #due
end
