select i.indrelid::bigint as relation, x.relname as name, i.indisunique as is_unique, m.amname as method,
  i.indisvalid as is_valid, x.relkind = 'I' as is_partitioned,
  coalesce((to_json(i)->>'indnullsnotdistinct')::boolean, false) as nulls_not_distinct,
  pg_get_expr(i.indpred, i.indrelid, true) as filter,
  x.reloptions as options,
  obj_description(x.oid, 'pg_class') as comment,
  (
    select json_agg(json_build_object(
      'column', t.attname,
      'expression', case when p.number = 0 then pg_get_indexdef(i.indexrelid, p.place::int, true) end,
      'is_included', p.place > i.indnkeyatts,
      'order', case when m.amname = 'btree' and p.place <= i.indnkeyatts then i.indoption[p.place - 1] else 0 end,
      'collation', (
        select case when pg_collation_is_visible(l.oid) then l.collname else ln.nspname || '.' || l.collname end
        from pg_collation l join pg_namespace ln on ln.oid = l.collnamespace
        where p.place <= i.indnkeyatts and l.oid = i.indcollation[p.place - 1]
          and l.oid <> coalesce(t.attcollation, y.typcollation)
      ),
      'operator_class', (
        select case when pg_opclass_is_visible(o.oid) then o.opcname else n.nspname || '.' || o.opcname end
        from pg_opclass o join pg_namespace n on n.oid = o.opcnamespace
        where p.place <= i.indnkeyatts and o.oid = i.indclass[p.place - 1]
          and (not o.opcdefault or e.attoptions is not null)
      ),
      'operator_class_options', e.attoptions
    ) order by p.place)
    from unnest(i.indkey) with ordinality p(number, place)
    join pg_attribute e on e.attrelid = i.indexrelid and e.attnum = p.place
    join pg_type y on y.oid = e.atttypid
    left join pg_attribute t on t.attrelid = i.indrelid and t.attnum = p.number and p.number <> 0
  ) as parts
from pg_index i
join pg_class x on x.oid = i.indexrelid
join pg_class c on c.oid = i.indrelid
join pg_am m on m.oid = x.relam
where c.relnamespace = any({}::bigint[]::oid[]) and c.relkind in ('r', 'p', 'm') and not x.relispartition
  and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
