-- The registry of a part, `/built`: the names of what has all rows, and, behind a `?`, of what a reindex is building. A `?`
-- alone says only that the table is not new. A table without a registry is new: whatever a query asks for has all its rows.

-- The first of these names that lacks rows, or nil.
local function lacking(part, names)
  local built = part .. '/built'
  if #names == 0 or redis.call('EXISTS', built) == 0 then
    return nil
  end
  for place, known in ipairs(redis.call('SMISMEMBER', built, unpack(names))) do
    if known == 0 then
      return names[place]
    end
  end
  return nil
end

-- Notes a write by a version that maintains these names: all others become incomplete by it, and so does what a reindex is
-- building of them.
local function written_by(part, names)
  local built = part .. '/built'
  local entries = redis.call('SMEMBERS', built)
  if #entries == 0 then
    redis.call('SADD', built, '?', unpack(names))
    return
  end
  local maintained = { [''] = true }
  for _, name in ipairs(names) do
    maintained[name] = true
  end
  for _, entry in ipairs(entries) do
    if not maintained[(string.gsub(entry, '^%?', ''))] then
      redis.call('SREM', built, entry)
    end
  end
end
