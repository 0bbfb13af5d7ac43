with names as (
  select 'event trigger' as kind, e.evtname::text as name, 'pg_event_trigger'::regclass as class, e.oid
  from pg_event_trigger e
  union all
  select 'publication', p.pubname, 'pg_publication'::regclass, p.oid from pg_publication p
  union all
  select 'foreign data wrapper', w.fdwname, 'pg_foreign_data_wrapper'::regclass, w.oid from pg_foreign_data_wrapper w
  union all
  select 'foreign server', s.srvname, 'pg_foreign_server'::regclass, s.oid from pg_foreign_server s
  union all
  select 'language', l.lanname, 'pg_language'::regclass, l.oid from pg_language l
  union all
  select 'cast', format_type(c.castsource, null) || ' as ' || format_type(c.casttarget, null), 'pg_cast'::regclass, c.oid
  from pg_cast c
  union all
  select 'access method', m.amname, 'pg_am'::regclass, m.oid from pg_am m
)
select o.kind, o.name
from names o
where o.oid >= 16384
  and not exists (select from pg_depend d where d.classid = o.class and d.objid = o.oid and d.deptype = 'e')
