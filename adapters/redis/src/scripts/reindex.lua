-- The steps of a reindex of a part. ARGV[1] is the step, ARGV[2] the part. KEYS are all keys that the step uses.
--
-- What is being built stands in the registry behind a `?`, from which a write that does not maintain it takes it out. How far
-- it is stands in `/reindex`, by its name: the generation that it was begun in, the server that the walk over the keys is
-- on, and the cursor up to which all rows are in it. `=` and a row's key is there for a row whose claim another row holds.

local step, part = ARGV[1], ARGV[2]
local built, progress = part .. '/built', part .. '/reindex'
local server = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''

local function is_claim(name)
  return string.sub(name, 1, 8) == '/unique/'
end

-- The names from ARGV[first] on, each with a generation: those of that generation that no write has spoilt.
local function alive(first, count)
  local names = {}
  for place = first, first + 2 * count - 1, 2 do
    local name, generation = ARGV[place], ARGV[place + 1]
    local noted = redis.call('HGET', progress, name)
    if noted and string.match(noted, '^%S+') == generation and redis.call('SISMEMBER', built, '?' .. name) == 1 then
      names[#names + 1] = { name, generation }
    end
  end
  return names
end

local steps = {}

-- ARGV: generation, whether to build all anew, names. Gives the server, what is to be built with how far it is, and the keys of the rows in
-- conflict.
function steps.start()
  local generation, anew, lacking = ARGV[3], ARGV[4] == '1', {}
  redis.call('SADD', built, '?')
  for place = 5, #ARGV do
    local name = ARGV[place]
    if anew then
      redis.call('SREM', built, name, '?' .. name)
    end
    if redis.call('SISMEMBER', built, name) == 0 then
      local noted = redis.call('HGET', progress, name)
      if not noted or redis.call('SISMEMBER', built, '?' .. name) == 0 then
        -- Nobody has kept what is there up to date.
        if not is_claim(name) then
          redis.call('UNLINK', part .. name)
        end
        noted = generation .. ' ' .. server .. ' 0'
        redis.call('SADD', built, '?' .. name)
        redis.call('HSET', progress, name, noted)
      end
      lacking[#lacking + 1] = name
      lacking[#lacking + 1] = noted
    end
  end
  local conflicts = {}
  for _, field in ipairs(redis.call('HKEYS', progress)) do
    if string.sub(field, 1, 1) == '=' then
      conflicts[#conflicts + 1] = string.sub(field, 2)
    end
  end
  return { server, lacking, conflicts }
end

-- ARGV: server, cursor or nothing, number of names, names with generations, and for each row: its key, the row or nothing, its
-- members by the numbers of names, and its claims. A row that is another by now is left out.
function steps.add()
  if ARGV[3] ~= server then
    return { 'moved', server }
  end
  local count = tonumber(ARGV[5])
  local names = alive(6, count)
  if #names == 0 then
    return { 'spoilt' }
  end
  local suffixes, building = {}, {}
  for number = 1, count do
    suffixes[number] = ARGV[4 + 2 * number]
    building[suffixes[number]] = true
  end
  local now, added, changed, conflicts = milliseconds(), 0, {}, {}
  local place = 6 + 2 * count
  local function next_argument()
    place = place + 1
    return ARGV[place - 1]
  end
  while place <= #ARGV do
    local key, raw, members, claims = next_argument(), next_argument(), {}, {}
    for number = 1, tonumber(next_argument()) do
      members[number] = { suffixes[tonumber(next_argument())], next_argument() }
    end
    for number = 1, tonumber(next_argument()) do
      claims[number] = next_argument()
    end
    local row = part .. ':' .. key
    if (redis.call('GET', row) or '') ~= raw then
      changed[#changed + 1] = key
    else
      redis.call('HDEL', progress, '=' .. key)
    end
    if raw ~= '' and changed[#changed] ~= key then
      local at, is_new = expires_at(row, now), false
      for _, member in ipairs(members) do
        is_new = redis.call('ZADD', part .. member[1], 0, member[2]) == 1 or is_new
      end
      for _, claim in ipairs(claims) do
        local holder = redis.call('GET', claim)
        if holder and holder ~= key and redis.call('EXISTS', part .. ':' .. holder) == 1 then
          redis.call('HSET', progress, '=' .. key, '')
          conflicts[#conflicts + 1] = key
          conflicts[#conflicts + 1] = claim
          conflicts[#conflicts + 1] = holder
        else
          is_new = is_new or holder ~= key
          if at > 0 then
            redis.call('SET', claim, key, 'PXAT', string.format('%.0f', at))
          else
            redis.call('SET', claim, key)
          end
        end
      end
      if at > 0 then
        local packed = redis.call('HGET', part .. '/entries', key)
        local old, list = packed and cmsgpack.unpack(packed) or {}, {}
        for number = 1, #old, 2 do
          if not building[old[number]] then
            list[#list + 1] = old[number]
            list[#list + 1] = old[number + 1]
          end
        end
        for _, member in ipairs(members) do
          list[#list + 1] = member[1]
          list[#list + 1] = member[2]
        end
        redis.call('ZADD', part .. '/expiry', string.format('%.0f', at), key)
        redis.call('HSET', part .. '/entries', key, cmsgpack.pack(list))
      else
        redis.call('ZREM', part .. '/expiry', key)
        redis.call('HDEL', part .. '/entries', key)
      end
      added = added + (is_new and 1 or 0)
    end
  end
  if ARGV[4] ~= '' then
    for _, name in ipairs(names) do
      redis.call('HSET', progress, name[1], name[2] .. ' ' .. server .. ' ' .. ARGV[4])
    end
  end
  return { 'done', added, changed, conflicts }
end

-- ARGV: claims, each with the key of the row that holds it, and that row or nothing: it does not have the claim's values. Gives
-- those whose row is another by now.
function steps.release()
  local changed = {}
  for place = 3, #ARGV, 3 do
    local claim, key, raw = ARGV[place], ARGV[place + 1], ARGV[place + 2]
    if redis.call('GET', claim) == key then
      if (redis.call('GET', part .. ':' .. key) or '') == raw then
        redis.call('DEL', claim)
      else
        changed[#changed + 1] = claim
      end
    end
  end
  return changed
end

-- ARGV: server, number of names, names with generations. Gives how many are built by it.
function steps.finish()
  if ARGV[3] ~= server then
    return { 'moved', server }
  end
  local names = alive(5, tonumber(ARGV[4]))
  for _, name in ipairs(names) do
    redis.call('SREM', built, '?' .. name[1])
    redis.call('SADD', built, name[1])
    redis.call('HDEL', progress, name[1])
  end
  -- A table without rows is new.
  local is_empty = redis.call('EXISTS', part .. '/keys') == 0 and redis.call('SISMEMBER', built, '/keys') == 1
  if is_empty and redis.call('EXISTS', progress) == 0 then
    redis.call('DEL', built)
  end
  return { 'done', #names }
end

-- ARGV: names. They are not built any more.
function steps.abandon()
  for place = 3, #ARGV do
    redis.call('SREM', built, '?' .. ARGV[place])
  end
  redis.call('DEL', progress)
  return { 'done' }
end

return steps[step]()
