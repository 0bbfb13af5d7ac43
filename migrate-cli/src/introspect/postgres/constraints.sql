select k.conrelid::bigint as relation, k.conname as name, k.contype as kind,
  (
    select json_agg(a.attname order by p.place)
    from unnest(k.conkey) with ordinality p(number, place)
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.number
  ) as columns,
  fn.nspname as foreign_schema, f.relname as foreign_table,
  (
    select json_agg(a.attname order by p.place)
    from unnest(k.confkey) with ordinality p(number, place)
    join pg_attribute a on a.attrelid = k.confrelid and a.attnum = p.number
  ) as foreign_columns,
  k.confdeltype as on_delete, k.confupdtype as on_update, k.confmatchtype as matching,
  (
    select json_agg(a.attname order by p.place)
    from json_array_elements_text(case json_typeof(to_json(k)->'confdelsetcols')
      when 'array' then to_json(k)->'confdelsetcols' end) with ordinality p(number, place)
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.number::int
  ) as on_delete_columns,
  k.condeferrable as deferrable, k.condeferred as deferred, k.convalidated as validated,
  coalesce((to_json(i)->>'indnullsnotdistinct')::boolean, false) as nulls_not_distinct,
  pg_get_expr(k.conbin, k.conrelid, true) as condition,
  pg_get_constraintdef(k.oid, true) as definition,
  obj_description(k.oid, 'pg_constraint') as comment
from pg_constraint k
join pg_class c on c.oid = k.conrelid
left join pg_class f on f.oid = k.confrelid
left join pg_namespace fn on fn.oid = f.relnamespace
left join pg_index i on i.indexrelid = k.conindid and k.contype in ('p', 'u')
where c.relnamespace = any({}::bigint[]::oid[]) and c.relkind in ('r', 'p')
  and k.contype in ('p', 'u', 'c', 'f', 'x') and k.conparentid = 0 and (k.contype <> 'c' or k.conislocal)
