select n.nspname as schema, quote_ident(n.nspname) as quoted_schema, p.proname as name,
  pg_get_function_identity_arguments(p.oid) as arguments, pg_get_functiondef(p.oid) as definition
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where p.pronamespace = any({}::bigint[]::oid[]) and p.prokind in ('f', 'p')
  and not exists (
    select from pg_depend d
    where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype in ('e', 'i')
  )
