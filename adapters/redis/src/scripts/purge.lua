-- When a row expires, in milliseconds since 1970: -1 never, -2 there is no such row.
local function expires_at(row, now)
  local at = redis.pcall('PEXPIRETIME', row)
  if type(at) == 'number' then
    return at
  end
  -- A server older than 7.0 says only how long, and 0 of what is about to go.
  local left = redis.call('PTTL', row)
  return left < 0 and left or now + left - 1
end

local function milliseconds()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Takes rows of a part that have expired out of its indexes, at most `most` of them (-1: all). Gives how many, and how many it
-- looked at.
local function purge(part, most)
  local expiry, entries, now = part .. '/expiry', part .. '/entries', milliseconds()
  -- A key is there until the millisecond after the one that it expires at.
  local due = redis.call('ZRANGE', expiry, '-inf', string.format('(%.0f', now), 'BYSCORE', 'LIMIT', 0, most)
  local purged = 0
  for _, key in ipairs(due) do
    local row = part .. ':' .. key
    local at = expires_at(row, now)
    if at >= now then
      -- Another program has made it live longer.
      redis.call('ZADD', expiry, string.format('%.0f', at), key)
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
