select c.oid::bigint as oid, n.nspname as schema, c.relname as name, c.relkind as kind,
  c.relpersistence = 'u' as unlogged,
  c.reloptions as options,
  (select m.amname from pg_am m where m.oid = c.relam and c.relkind in ('r', 'm') and m.amname <> 'heap') as method,
  (select s.spcname from pg_tablespace s where s.oid = c.reltablespace) as tablespace,
  case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end as partition_key,
  case when c.relispartition then pg_get_expr(c.relpartbound, c.oid) end as partition_bound,
  (
    select json_agg(json_build_object('schema', pn.nspname, 'name', p.relname) order by i.inhseqno)
    from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_namespace pn on pn.oid = p.relnamespace
    where i.inhrelid = c.oid
  ) as parents,
  obj_description(c.oid, 'pg_class') as comment,
  case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid, true) end as query
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relnamespace = any({}::bigint[]::oid[]) and c.relkind in ('r', 'p', 'v', 'm')
  and not exists (
    select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  )
