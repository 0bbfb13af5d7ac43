-- Reads rows of a part by its indexes. KEYS[1] is the part; ARGV[1] is the program, in MessagePack:
--   what to answer: 'rows', 'count' or 'members'; the indexes that must have all rows; what is walked; the sets that must have
--   a row too; whether from the end; offset; limit, or false; how long the text of each key is, or false.
-- What is walked is {'ranges', index, group ..} or {'set', set}. A group has an offset and a limit of its own: {merged, low,
-- high, cut, ..}, where merged ranges are ordered by what follows the first `cut` bytes of a member.
-- low and high are bounds as ZRANGE takes them.
-- A set is {'range', index, low, high, ..}, {'union', set ..} or {'intersection', set ..}.
-- Answers {0, index} if an index lacks rows, else {1, answer}; a row that has gone is null.
local part = KEYS[1]
local program = cmsgpack.unpack(ARGV[1])
local answer, indexes, driver, filters = program[1], program[2], program[3], program[4]
local reverse, skip, most, key_length = program[5], program[6], program[7], program[8]

purge(part, -1)
local lacks = lacking(part, indexes)
if lacks then
  return { 0, lacks }
end

-- The end of a member of known length is quicker to find than the last zero byte.
local function key_of(member)
  if key_length then
    return string.sub(member, -key_length)
  end
  return string.match(member, '.*%z(.*)')
end

-- Members from a bound to another, in the direction of the walk; -1: as many as there are. A call of fewer words is quicker.
local function between(set, from, to, offset, count)
  if reverse then
    return redis.call('ZRANGE', set, to, from, 'BYLEX', 'REV', 'LIMIT', offset, count)
  elseif offset == 0 and count == -1 then
    return redis.call('ZRANGE', set, from, to, 'BYLEX')
  end
  return redis.call('ZRANGE', set, from, to, 'BYLEX', 'LIMIT', offset, count)
end

-- The keys of a set: a list of them, each once, and the same as a table.
local function keys_of(set)
  local list, known = {}, {}
  local function add(key)
    if not known[key] then
      known[key] = true
      list[#list + 1] = key
    end
  end
  if set[1] == 'range' then
    for place = 3, #set, 2 do
      for _, member in ipairs(redis.call('ZRANGE', part .. set[2], set[place], set[place + 1], 'BYLEX')) do
        add(key_of(member))
      end
    end
  elseif set[1] == 'union' then
    for place = 2, #set do
      for _, key in ipairs(keys_of(set[place])) do
        add(key)
      end
    end
  else
    local first = keys_of(set[2])
    local others = {}
    for place = 3, #set do
      local _, other = keys_of(set[place])
      others[#others + 1] = other
    end
    for _, key in ipairs(first) do
      local in_all = true
      for _, other in ipairs(others) do
        in_all = in_all and other[key]
      end
      if in_all then
        add(key)
      end
    end
  end
  return list, known
end

local sets = {}
for place, filter in ipairs(filters) do
  local _, known = keys_of(filter)
  sets[place] = known
end

local function passes(key)
  for _, set in ipairs(sets) do
    if not set[key] then
      return false
    end
  end
  return true
end

-- The rows to read, by their names in Redis.
local names, before_key = {}, part .. ':'
local members, total = {}, 0

local function give(key, place, bytes)
  total = total + 1
  if answer == 'rows' then
    names[total] = before_key .. key
  elseif answer == 'members' then
    members[#members + 1] = place
    members[#members + 1] = bytes
    members[#members + 1] = key
  end
end

-- Ranges one after the other.
local function walk(set, group)
  local offset, left = skip, most
  local first, last, step = 2, #group - 2, 3
  if reverse then
    first, last, step = last, first, -step
  end
  for place = first, last, step do
    if left == 0 then
      return
    end
    local from, to = group[place], group[place + 1]
    if #sets > 0 then
      local found = between(set, from, to, 0, 1000)
      while #found > 0 do
        for _, member in ipairs(found) do
          local key = key_of(member)
          if passes(key) then
            if offset > 0 then
              offset = offset - 1
            else
              give(key, place, member)
              left = left and left - 1
              if left == 0 then
                return
              end
            end
          end
        end
        local seen = '(' .. found[#found]
        if reverse then
          to = seen
        else
          from = seen
        end
        found = #found == 1000 and between(set, from, to, 0, 1000) or {}
      end
    else
      local here = (offset > 0 or answer == 'count') and redis.call('ZLEXCOUNT', set, from, to)
      if here and offset >= here then
        offset = offset - here
      elseif answer == 'count' then
        local counted = left and math.min(here - offset, left) or here - offset
        total, offset, left = total + counted, 0, left and left - counted
      else
        local found = between(set, from, to, offset, left or -1)
        if answer == 'rows' then
          for number = 1, #found do
            names[total + number] = before_key .. key_of(found[number])
          end
          total = total + #found
        else
          for _, member in ipairs(found) do
            give(key_of(member), place, member)
          end
        end
        offset, left = 0, left and left - #found
      end
    end
  end
end

-- Whether bytes come before others. Lua's own comparison of texts is by the server's locale.
local function before(one, other)
  local length = math.min(#one, #other)
  for place = 1, length do
    local left, right = string.byte(one, place), string.byte(other, place)
    if left ~= right then
      return left < right
    end
  end
  return #one < #other
end

-- The first bytes as a number, which is quick to compare.
local function head(bytes)
  local number = 0
  for place = 1, 6 do
    number = number * 256 + (string.byte(bytes, place) or 0)
  end
  return number
end

-- Ranges merged by what follows their beginnings.
local function merge(set, group)
  local enough = most and #sets == 0 and skip + most or -1
  local found = {}
  for place = 2, #group, 3 do
    for _, member in ipairs(between(set, group[place], group[place + 1], 0, enough)) do
      local key = key_of(member)
      if passes(key) then
        local bytes = string.sub(member, group[place + 2] + 1)
        found[#found + 1] = { key, bytes, head(bytes) }
      end
    end
  end
  table.sort(found, function(one, other)
    if reverse then
      one, other = other, one
    end
    if one[3] ~= other[3] then
      return one[3] < other[3]
    end
    return before(one[2], other[2])
  end)
  for place = skip + 1, most and math.min(skip + most, #found) or #found do
    give(found[place][1], 0, found[place][2])
  end
end

if driver[1] == 'set' then
  local list = keys_of(driver[2])
  local offset, left = skip, most
  for _, key in ipairs(list) do
    if left == 0 then
      break
    end
    if passes(key) then
      if offset > 0 then
        offset = offset - 1
      else
        give(key, 0, key)
        left = left and left - 1
      end
    end
  end
else
  local set = part .. driver[2]
  for place = 3, #driver do
    local group = driver[place]
    if group[1] then
      merge(set, group)
    else
      walk(set, group)
    end
  end
end

if answer == 'count' then
  return { 1, total }
elseif answer == 'members' then
  return { 1, members }
end
-- As many as one call takes.
local most_names = 5000
if #names <= most_names then
  return { 1, #names > 0 and redis.call('MGET', unpack(names)) or {} }
end
local rows = {}
for place = 1, #names, most_names do
  local some = redis.call('MGET', unpack(names, place, math.min(place + most_names - 1, #names)))
  for index = 1, #some do
    rows[place + index - 1] = some[index]
  end
end
return { 1, rows }
