select a.attrelid::bigint as relation, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
  a.attnotnull as not_null, a.attidentity as identity, a.attgenerated as generated, a.attislocal as is_local,
  pg_get_expr(d.adbin, d.adrelid, true) as expression,
  (
    select case when pg_collation_is_visible(l.oid) then l.collname else ln.nspname || '.' || l.collname end
    from pg_collation l join pg_namespace ln on ln.oid = l.collnamespace
    where l.oid = a.attcollation and a.attcollation <> t.typcollation
  ) as collation,
  col_description(a.attrelid, a.attnum) as comment,
  s.seqrelid::bigint as sequence, s.seqstart as start, s.seqincrement as increment,
  s.seqincrement > 0 and s.seqmin = 1 and s.seqcache = 1 and not s.seqcycle
    and s.seqmax in (9223372036854775807, case a.atttypid
      when 'smallint'::regtype then 32767 when 'integer'::regtype then 2147483647 else 9223372036854775807 end)
    as is_plain_sequence
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_type t on t.oid = a.atttypid
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
left join lateral (
  select q.*
  from pg_depend o join pg_sequence q on q.seqrelid = o.objid
  where o.classid = 'pg_class'::regclass and o.refclassid = 'pg_class'::regclass
    and o.refobjid = a.attrelid and o.refobjsubid = a.attnum
    and (o.deptype = 'i' or o.deptype = 'a' and exists (
      select from pg_depend u
      where u.classid = 'pg_attrdef'::regclass and u.objid = d.oid
        and u.refclassid = 'pg_class'::regclass and u.refobjid = q.seqrelid
    ))
  limit 1
) s on true
where c.relnamespace = any({}::bigint[]::oid[]) and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
order by a.attrelid, a.attnum
