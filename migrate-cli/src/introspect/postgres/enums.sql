select n.nspname as schema, t.typname as name,
  (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid) as values
from pg_type t join pg_namespace n on n.oid = t.typnamespace
where t.typnamespace = any({}::bigint[]::oid[]) and t.typtype = 'e'
  and not exists (
    select from pg_depend d where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e'
  )
