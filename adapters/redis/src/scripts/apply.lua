-- Checks a list of changes, then makes all of them or none.
--
-- KEYS: the tags of the parts, once for each schema. ARGV[1]: whether to check alone. ARGV[2]: for each part the suffixes of its sorted sets, the
-- names of all that the writer maintains, and the least value of its sequence or false. The rest: a change each, an array of
--   1 part, the number of one in KEYS
--   2 key of the row
--   3 the row as it must be, or false: there must be none
--   4 the row as it will be, false: none, or true: this only checks
--   5 when it expires: a millisecond since 1970, or "+" and how many from now; or false
--   6 its members in the sorted sets, each behind the number of its suffix; 7 how many of them, the first ones, are new
--   8 the members to take out, likewise
--   9 its claims; 10 how many of them, the first ones, are new
--  11 the claims to release
--
-- Gives 'done', or 'refused', the number of the first change that fails, and why: 'exists', 'changed', or the numbers of
-- claims and the keys of the rows that hold them.

local only_check = ARGV[1] == '1'
local about = cmsgpack.unpack(ARGV[2])
local changes = {}
for place = 3, #ARGV do
  changes[place - 2] = cmsgpack.unpack(ARGV[place])
end

if not only_check then
  for _, part in ipairs(KEYS) do
    purge(part, 100)
  end
end

-- Claims are free for others once the row that holds them gives them up.
local freed, taken = {}, {}
for _, change in ipairs(changes) do
  for _, claim in ipairs(change[11]) do
    freed[claim] = change[2]
  end
end

for place, change in ipairs(changes) do
  local part, key, refusals = KEYS[change[1]], change[2], {}
  if redis.call('GET', part .. ':' .. key) ~= change[3] then
    refusals[1] = change[3] and 'changed' or 'exists'
  end
  for number = 1, change[10] do
    local claim = change[9][number]
    local holder = taken[claim] or redis.call('GET', claim)
    -- The row that is in the way of a new one may hold its claims, too.
    local is_other = holder ~= key or not change[3]
    if holder and (taken[claim] or is_other and freed[claim] ~= holder and redis.call('EXISTS', part .. ':' .. holder) == 1) then
      refusals[#refusals + 1] = number
      refusals[#refusals + 1] = holder
    end
    taken[claim] = key
  end
  if #refusals > 0 then
    return {'refused', place, refusals}
  end
end
if only_check then
  return {'done'}
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local writes = {}
for _, change in ipairs(changes) do
  writes[change[1]] = writes[change[1]] or change[4] ~= true
end
for number, part in ipairs(KEYS) do
  if writes[number] then
    written_by(part, about[number][2])
  end
  local least = about[number][3]
  if least then
    -- Numbers of Lua are exact up to 2^53 only.
    local last = redis.call('GET', part .. '/sequence') or '0'
    if last:sub(1, 1) == '-' or #last < #least or (#last == #least and last < least) then
      redis.call('SET', part .. '/sequence', least)
    end
  end
end

local function release(claim, key)
  if redis.call('GET', claim) == key then
    redis.call('DEL', claim)
  end
end

-- All that goes out goes before anything comes in: a row may take what another gives up.
for _, change in ipairs(changes) do
  if change[4] ~= true then
    local part, key, suffixes = KEYS[change[1]], change[2], about[change[1]][1]
    local members, claims = change[6], change[9]
    if change[5] and change[5]:sub(1, 1) == '+' then
      change[5] = string.format('%.0f', now + tonumber(change[5]))
    elseif change[5] and tonumber(change[5]) <= now then
      change[4] = false
    end
    for place = 1, #change[8], 2 do
      redis.call('ZREM', part .. suffixes[change[8][place]], change[8][place + 1])
    end
    for _, claim in ipairs(change[11]) do
      release(claim, key)
    end
    change.packed = redis.call('HGET', part .. '/entries', key)
    if change.packed then
      -- A row that has expired, or was evicted, leaves members of which the client knows nothing.
      local kept = {}
      if change[4] then
        for place = 1, #members, 2 do
          kept[suffixes[members[place]] .. '\0' .. members[place + 1]] = true
        end
      end
      local list = cmsgpack.unpack(change.packed)
      for place = 1, #list, 2 do
        if not kept[list[place] .. '\0' .. list[place + 1]] then
          redis.call('ZREM', part .. list[place], list[place + 1])
        end
      end
    end
    if not change[4] then
      for place = 2 * change[7] + 1, #members, 2 do
        redis.call('ZREM', part .. suffixes[members[place]], members[place + 1])
      end
      for number = change[10] + 1, #claims do
        release(claims[number], key)
      end
      redis.call('DEL', part .. ':' .. key)
      if change.packed then
        redis.call('HDEL', part .. '/entries', key)
        redis.call('ZREM', part .. '/expiry', key)
      end
    end
  end
end

for _, change in ipairs(changes) do
  if change[4] and change[4] ~= true then
    local part, key, suffixes, expires = KEYS[change[1]], change[2], about[change[1]][1], change[5]
    local members, claims, list = change[6], change[9], {}
    if expires then
      redis.call('SET', part .. ':' .. key, change[4], 'PXAT', expires)
    else
      redis.call('SET', part .. ':' .. key, change[4])
    end
    for place = 1, #members, 2 do
      list[place], list[place + 1] = suffixes[members[place]], members[place + 1]
      if place < 2 * change[7] then
        redis.call('ZADD', part .. list[place], 0, list[place + 1])
      end
    end
    for number, claim in ipairs(claims) do
      -- A claim lives as long as its row.
      local is_new = number <= change[10]
      if is_new or ((expires or change.packed) and (redis.call('GET', claim) or key) == key) then
        if expires then
          redis.call('SET', claim, key, 'PXAT', expires)
        else
          redis.call('SET', claim, key)
        end
      end
    end
    if expires then
      redis.call('ZADD', part .. '/expiry', expires, key)
      redis.call('HSET', part .. '/entries', key, cmsgpack.pack(list))
    elseif change.packed then
      redis.call('ZREM', part .. '/expiry', key)
      redis.call('HDEL', part .. '/entries', key)
    end
  end
end
return {'done'}
