-- Takes rows of a part that have expired out of its indexes, at most `most` of them (-1: all). Gives how many.
local function purge(part, most)
  local expiry, entries = part .. '/expiry', part .. '/entries'
  local time = redis.call('TIME')
  -- A key is there until the millisecond after the one that it expires at.
  local now = string.format('(%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
  local due = redis.call('ZRANGE', expiry, '-inf', now, 'BYSCORE', 'LIMIT', 0, most)
  for _, key in ipairs(due) do
    local packed = redis.call('HGET', entries, key)
    if packed then
      local list = cmsgpack.unpack(packed)
      for place = 1, #list, 2 do
        redis.call('ZREM', part .. list[place], list[place + 1])
      end
      redis.call('HDEL', entries, key)
    end
    redis.call('DEL', part .. ':' .. key)
    redis.call('ZREM', expiry, key)
  end
  return #due
end
